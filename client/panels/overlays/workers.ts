/** The machines that help this server: what each device draws, how fast it is, what failed, and what one refuses and why. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { X } from "lucide";
import type { WorkerHealth } from "../../../server/protocol.ts";
import type { Editor } from "../../actions/editor.ts";
import { atWords, deviceName, rateWords, refusalWords, workersLabel } from "../../runs/worker-words.ts";
import { dismissed } from "../../state/ui.ts";
import { focusOnce } from "../focus.ts";
import { icon } from "../icon.ts";

declare module "../../state/overlay.ts" {
  interface Overlays {
    workers: object;
  }
}

export function workersDialog(editor: Editor): TemplateResult {
  const close = () => editor.apply(dismissed());
  const { machines = { redis: "ok", workers: [] } } = editor.state.health ?? {};
  const numberOf = (run: string) => editor.runs.byId.get(run)?.summary.number;
  return html`<div class="veil" @click=${(event: Event) => event.target === event.currentTarget && close()}>
    <div class="dialog workers" role="dialog" aria-modal="true" aria-label="Workers">
      <header><h2>Workers <small>${workersLabel(machines)}</small></h2><button class="tool" aria-label="Close" ${ref(focusOnce)} @click=${close}>${icon(X)}</button></header>
      ${machines.why === undefined ? "" : html`<p>Redis does not do what it is asked: ${machines.why}</p>`}
      ${
        machines.workers.length === 0
          ? html`<p>Start one on another machine: <code>guidegraph worker --redis URL --server URL</code></p>`
          : html`<table>
            <thead><tr><th>Machine</th><th>Device</th><th>Draws</th><th>Shards</th><th>Failed</th></tr></thead>
            ${machines.workers.map((worker) => machine(worker, numberOf))}
          </table>`
      }
    </div>
  </div>`;
}

/** A body a machine: what is said of it as a whole stands in its first row. */
function machine(worker: WorkerHealth, numberOf: (run: string) => number | undefined): TemplateResult {
  const { name, version, devices, done, failed, problem, refuses = [] } = worker;
  const [first, ...more] = devices;
  const device = (one: WorkerHealth["devices"][number]) =>
    html`<td>${deviceName(one)}</td><td>${problem ?? atWords(one, numberOf)}</td>`;
  return html`<tbody data-state=${problem === undefined ? "ok" : "out"}>
    <tr>
      <th scope="rowgroup" rowspan=${Math.max(1, devices.length) + refuses.length}>${name} <small>${version}</small><small>${rateWords(worker)}</small></th>
      ${first ? device(first) : html`<td></td><td>${problem ?? ""}</td>`}<td>${done}</td><td>${failed}</td>
    </tr>
    ${more.map((one) => html`<tr>${device(one)}<td></td><td></td></tr>`)}
    ${refuses.map((one) => html`<tr><td colspan="4">${refusalWords(one, numberOf)}</td></tr>`)}
  </tbody>`;
}
