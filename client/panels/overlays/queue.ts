/** The queue of the server, under its badge: what runs, what waits and in which order; one can be taken out, or all. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { X } from "lucide";
import type { DeviceHealth } from "../../../server/protocol.ts";
import type { Editor } from "../../actions/editor.ts";
import { cancelAll, cancelRun } from "../../actions/running.ts";
import { deviceWords } from "../../runs/device-words.ts";
import { duration, type RunView } from "../../runs/run-view.ts";
import { timeLeft } from "../../runs/time-left.ts";
import { focusOnce } from "../focus.ts";
import { icon } from "../icon.ts";

declare module "../../state/overlay.ts" {
  interface Overlays {
    queue: object;
  }
}

export function queuePopup(editor: Editor): TemplateResult {
  const runs = [...editor.runs.active].sort((a, b) => placeOf(a) - placeOf(b) || a.summary.number - b.summary.number);
  const left = timeLeft(editor.runs.all);
  return html`<div class="popup queue" role="dialog" aria-label="Queue" tabindex="-1" ${ref(focusOnce)}>
    <h3>Queue${left === undefined || runs.length === 0 ? "" : html` <small>about ${duration(left)} left</small>`}</h3>
    ${runs.length === 0 ? html`<p>Nothing runs and nothing waits.</p>` : html`<ol>${runs.map((run) => entry(editor, run))}</ol>`}
    ${deviceList(editor)}
    ${runs.length > 1 ? html`<button class="plain danger" @click=${() => void cancelAll(editor)}>Cancel all ${runs.length}</button>` : ""}
  </div>`;
}

/** Of several devices, who does what. */
function deviceList(editor: Editor): TemplateResult | "" {
  const devices = editor.state.health?.devices ?? [];
  if (devices.length < 2) return "";
  const numberOf = (run: string) => editor.runs.byId.get(run)?.summary.number;
  const line = (device: DeviceHealth) =>
    html`<li data-state=${device.state}><b>${device.name}</b> <small>${deviceWords(device, numberOf)}</small></li>`;
  return html`<ul class="devices" aria-label="Devices">${devices.map(line)}</ul>`;
}

/** What runs stands before what waits. */
const placeOf = ({ summary: { state, position } }: RunView): number => (state === "queued" ? 1 + (position ?? 0) : 0);

function entry(editor: Editor, run: RunView): TemplateResult {
  const { id, number, title, state } = run.summary;
  return html`<li data-state=${state}>
    <span><b>${number}</b> ${title || "untitled"}<small>${stateOf(run)}</small></span>
    <button class="tool small" aria-label="Cancel run ${number}" title="Cancel" @click=${() => void cancelRun(editor, id)}>${icon(X, 15)}</button>
  </li>`;
}

function stateOf({ summary: { state, position }, steps }: RunView): string {
  if (state === "queued") return position ? `waiting, ${position} before it` : "next";
  const [, step] = [...steps].at(-1) ?? [];
  if (state !== "running" || !step) return state;
  return `step ${step.taken} of ${step.of}, ${duration((step.of - step.taken) * step.ms)} left`;
}
