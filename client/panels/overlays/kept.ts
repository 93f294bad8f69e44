/** What the server keeps: how much it weighs, by which rules runs go, and the trash, out of which they come again. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { RotateCcw, Trash2 } from "lucide";
import type { TrashedRun, Usage } from "../../../server/protocol.ts";
import type { Editor } from "../../actions/editor.ts";
import { bringBack, emptyTrash, openKept } from "../../actions/results.ts";
import { bytes } from "../../runs/bytes.ts";
import { duration } from "../../runs/run-view.ts";
import type { Overlay } from "../../state/overlay.ts";
import { focusOnce } from "../focus.ts";
import { icon } from "../icon.ts";

declare module "../../state/overlay.ts" {
  interface Overlays {
    /** Absent until the server has told. */
    kept: { readonly usage?: Usage; readonly trash?: readonly TrashedRun[] };
  }
}

export function keptPopup(editor: Editor, { usage, trash }: Overlay<"kept">): TemplateResult {
  return html`<div class="popup kept" role="dialog" aria-label="What is kept" tabindex="-1" ${ref(focusOnce)}>
    <h3>What the server keeps</h3>
    ${usage ? weights(usage) : html`<p>Being weighed …</p>`}
    <h3>Trash${trash && trash.length > 0 ? html` <small>${trash.length}</small>` : ""}</h3>
    ${trash === undefined ? "" : trash.length === 0 ? html`<p>Nothing is in it.</p>` : html`<ul>${trash.map((run) => entry(editor, run))}</ul>`}
    ${trash && trash.length > 0 ? html`<button class="plain danger" @click=${() => void emptyTrash(editor)}>${icon(Trash2, 15)} Empty the trash, for good</button>` : ""}
  </div>`;
}

function weights({ runs, trash, history, backups, models, images, builtModels, rules, beyond }: Usage): TemplateResult {
  const rows: [string, string][] = [
    [`${runs.count} ${runs.count === 1 ? "run" : "runs"} with files`, bytes(runs.bytes)],
    ["in the trash", bytes(trash.bytes)],
    ["their history", bytes(history + backups)],
    ["models", bytes(models)],
    ["pictures and arrays", bytes(images)],
    ["built networks", bytes(builtModels)],
  ];
  return html`<dl>${rows.map(([what, weight]) => html`<dt>${what}</dt><dd>${weight}</dd>`)}</dl>
    <p>${ruleWords(rules)}${beyond === undefined ? "" : ` All is ${bytes(beyond)} beyond that, and no more may go: unpin some.`}</p>`;
}

function ruleWords({ keepRuns, keepMs, maxBytes }: Usage["rules"]): string {
  const words = [
    ...(keepRuns === undefined ? [] : [`the last ${keepRuns} runs`]),
    ...(keepMs === undefined ? [] : [`runs of the last ${duration(keepMs)}`]),
    ...(maxBytes === undefined ? [] : [`at most ${bytes(maxBytes)}`]),
  ];
  return words.length === 0 ? "No run goes by itself." : `Kept by itself: ${words.join(", ")}, and what is pinned.`;
}

function entry(editor: Editor, { id, number, title, by, bytes: weight, until }: TrashedRun): TemplateResult {
  const minutes = Math.max(0, Math.round((Date.parse(until) - Date.now()) / 60_000));
  const back = async () => {
    await bringBack(editor, id, number);
    await openKept(editor);
  };
  return html`<li>
    <span><b>${number}</b> ${title || "untitled"}<small>${by === undefined ? "" : `${by} · `}${weight === undefined ? "" : `${bytes(weight)} · `}for ${minutes} min more</small></span>
    <button class="tool small" aria-label="Bring back run ${number}" title="Bring it back" @click=${() => void back()}>${icon(RotateCcw, 15)}</button>
    <button class="tool small" aria-label="Remove run ${number} for good" title="Remove it for good" @click=${() => void emptyTrash(editor, id)}>${icon(Trash2, 15)}</button>
  </li>`;
}
