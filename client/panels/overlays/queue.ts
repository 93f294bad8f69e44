/** The queue of the server, under its badge: what runs, what waits and in which order, which a hand or a key changes; one can be taken out, or all. */
import { html, nothing, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { repeat } from "lit/directives/repeat.js";
import { GripVertical, X } from "lucide";
import type { DeviceHealth } from "../../../server/protocol.ts";
import type { Editor } from "../../actions/editor.ts";
import { cancelAll, cancelRun, moveRun, waitingRuns } from "../../actions/running.ts";
import { devicesInUse, deviceWords, waitWords } from "../../runs/device-words.ts";
import { leftInRun, pictureWords, stepWords } from "../../runs/progress.ts";
import { duration, type RunView } from "../../runs/run-view.ts";
import { timeLeft } from "../../runs/time-left.ts";
import { workersLabel } from "../../runs/worker-words.ts";
import type { Overlay } from "../../state/overlay.ts";
import { opened } from "../../state/ui.ts";
import { focusOnce } from "../focus.ts";
import { icon } from "../icon.ts";

declare module "../../state/overlay.ts" {
  interface Overlays {
    queue: {
      /** The run that was moved by key: it keeps the focus wherever it goes. */
      readonly moved?: string;
    };
  }
}

export function queuePopup(editor: Editor, { moved }: Overlay<"queue">): TemplateResult {
  const waiting = waitingRuns(editor);
  const running = editor.runs.active.filter(({ summary }) => summary.state !== "queued");
  const runs = [...running, ...waiting];
  const left = timeLeft(editor.runs.all, devicesInUse(editor.state.health));
  return html`<div class="popup queue" role="dialog" aria-label="Queue" tabindex="-1" ${ref(focusOnce)}>
    <h3>Queue${left === undefined || runs.length === 0 ? "" : html` <small>about ${duration(left)} left</small>`}</h3>
    ${
      runs.length === 0
        ? html`<p>Nothing runs and nothing waits.</p>`
        : html`<ol>${repeat(
            runs,
            ({ summary }) => summary.id,
            (run) => entry(editor, run, { moved, canMove: waiting.length > 1 && run.summary.state === "queued" }),
          )}</ol>`
    }
    ${waiting.length > 1 ? html`<p class="hint">Drag what waits to another place, or <kbd>Alt</kbd> <kbd>↑</kbd> <kbd>↓</kbd>.</p>` : ""}
    ${deviceList(editor)}
    ${workersButton(editor)}
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

/** Of other machines, how many there are; a press shows what they do. */
function workersButton(editor: Editor): TemplateResult | "" {
  const { machines } = editor.state.health ?? {};
  if (!machines) return "";
  return html`<button class="plain" aria-haspopup="dialog" @click=${() => editor.apply(opened({ is: "workers" }))}>${workersLabel(machines)}</button>`;
}

const dragged = "guidegraph/run";

function entry(
  editor: Editor,
  run: RunView,
  { moved, canMove }: { readonly moved: string | undefined; readonly canMove: boolean },
): TemplateResult {
  const { id, number, title, state } = run.summary;
  const key = (event: KeyboardEvent) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by === undefined || !event.altKey || !canMove) return;
    event.preventDefault();
    event.stopPropagation();
    editor.apply(opened({ is: "queue", moved: id }));
    void moveRun(editor, id, by);
  };
  const drop = (event: DragEvent) => {
    const from = event.dataTransfer?.getData(dragged);
    if (!from || !canMove) return;
    event.preventDefault();
    event.stopPropagation();
    const ids = waitingRuns(editor).map(({ summary }) => summary.id);
    void moveRun(editor, from, ids.indexOf(id) - ids.indexOf(from));
  };
  const keepFocus = (element: Element | undefined) => {
    const isElsewhere = document.activeElement !== document.body && !document.activeElement?.closest(".queue");
    if (moved === id && element && element !== document.activeElement && !isElsewhere) (element as HTMLElement).focus();
  };
  return html`<li data-state=${state} draggable=${canMove} tabindex=${canMove ? 0 : nothing} aria-keyshortcuts=${canMove ? "Alt+ArrowUp Alt+ArrowDown" : nothing}
    @keydown=${key} @drop=${drop} ${ref(keepFocus)}
    @dragstart=${(event: DragEvent) => event.dataTransfer?.setData(dragged, id)}
    @dragover=${(event: DragEvent) => canMove && event.dataTransfer?.types.includes(dragged) && event.preventDefault()}>
    ${canMove ? icon(GripVertical, 15) : ""}
    <span><b>${number}</b> ${title || "untitled"}<small>${waitWords(editor.state.health ?? {}, id) ?? stateOf(run, devicesInUse(editor.state.health))}</small></span>
    <button class="tool small" aria-label="Cancel run ${number}" title="Cancel" @click=${() => void cancelRun(editor, id)}>${icon(X, 15)}</button>
  </li>`;
}

function stateOf(run: RunView, devices: number): string {
  const { state, position } = run.summary;
  if (state === "queued") return position ? `waiting, ${position} before it` : "next";
  const left = leftInRun(run, devices);
  if (state !== "running" || left === undefined) return state;
  const words = [stepWords(run), pictureWords(run, devices), `${duration(left)} left`];
  return words.filter((one) => one !== undefined).join(", ");
}
