/** What floats over the canvas: breadcrumb, zoom, the reason of a refused wire, a failed node's message. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { ChevronRight, Maximize, Minus, Plus } from "lucide";
import type { Editor } from "../actions/editor.ts";
import { missingFile } from "../actions/file-place.ts";
import { copyAround, updateCopy } from "../actions/library.ts";
import type { Card } from "../canvas/card.ts";
import type { EditorCanvas } from "../canvas/editor-canvas.ts";
import type { Box } from "../canvas/view.ts";
import { crumbs, graphAt } from "../edit/level.ts";
import { originOf, standing } from "../edit/origin.ts";
import type { State } from "../state/state.ts";
import { documentOf } from "../state/tab.ts";
import { unbroken } from "./breakable.ts";
import { dropHere } from "./drop-here.ts";
import { icon } from "./icon.ts";
import { keptInside } from "./inside.ts";
import { notePlace, noteSize } from "./note-place.ts";

export function breadcrumb(editor: Editor): TemplateResult {
  const { tab } = editor;
  if (!tab) return html``;
  const names = [tab.name, ...crumbs(documentOf(tab), tab.level, editor.catalogue)];
  const path = copyAround(tab);
  const origin = path && originOf(graphAt(documentOf(tab), path), editor.state.samplers);
  return html`<nav class="crumbs" aria-label="Where you are">
    ${names.map((name, depth) =>
      depth === names.length - 1
        ? html`<b aria-current="page">${name}</b>`
        : html`<button @click=${() => editor.goTo(tab.level.slice(0, depth))}>${name}</button>${icon(ChevronRight, 14)}`,
    )}
    ${origin ? html`<small>${origin.name} · ${standing(origin)}</small>` : ""}
    ${path && origin?.outdated ? html`<button class="update" title="Take what the library has now; undo brings this back" @click=${() => updateCopy(editor, path)}>update</button>` : ""}
  </nav>`;
}

export function zoomBar({ canvas }: Editor): TemplateResult {
  const percent = Math.round((canvas?.view.scale ?? 1) * 100);
  return html`<div class="zoom" role="group" aria-label="Zoom">
    <button class="tool" aria-label="Zoom out" title="Zoom out (Alt+-)" @click=${() => canvas?.zoom(1 / 1.2)}>${icon(Minus, 16)}</button>
    <output>${percent} %</output>
    <button class="tool" aria-label="Zoom in" title="Zoom in (Alt+=)" @click=${() => canvas?.zoom(1.2)}>${icon(Plus, 16)}</button>
    <button class="tool" aria-label="Fit" title="Fit (.)" @click=${() => canvas?.fit()}>${icon(Maximize, 16)}</button>
  </div>`;
}

// It follows the pointer: a reference of its own in each frame has it looked at again.
export function refusalTip({ tip }: State): TemplateResult | "" {
  if (!tip) return "";
  const left = Math.min(tip.at[0] + 18, innerWidth - 300);
  const [first, ...rest] = tip.text.split(/(?<=\.) /);
  return html`<div class="tip" role="alert" ${ref((tip) => keptInside(tip))} .style=${`left:${left}px;top:${Math.max(60, tip.at[1] - 84)}px`}><b>${first}</b> ${rest.join(" ")}</div>`;
}

/** What the pointer is on. */
export function hintTip({ hint, tip, overlay }: State): TemplateResult | "" {
  if (!hint || tip || overlay) return "";
  const left = Math.min(hint.at[0] + 14, innerWidth - 300);
  return html`<div class="tip words" role="tooltip" ${ref((tip) => keptInside(tip))} .style=${`left:${left}px;top:${hint.at[1] + 18}px`}>${hint.text ?? ""}${hint.problem ? html`<b>${hint.problem}</b>` : ""}</div>`;
}

/** Below each card in sight whose file is not on the server, as the card says: the place for it, in the gap to the next card. */
export function missingNotes(editor: Editor): TemplateResult[] {
  const { canvas } = editor;
  if (!canvas) return [];
  return [...canvas.cards.values()].flatMap((card) => {
    if (!missingFile(editor, card.id)) return [];
    // As the gap is, so is what stands in it; where cards lose their words, theirs says it.
    const { scale } = canvas.view;
    if (scale < 0.55) return [];
    return html`<div class="missing-note" .style=${`${placeBelow(canvas, card, 3)};scale:${Math.min(1, scale)}`}>${dropHere(editor, card.id)}</div>`;
  });
}

/** The message of each failed node in sight, below its card; that a file is missing stands on the card. */
export function failureNotes(editor: Editor): TemplateResult[] {
  const { canvas } = editor;
  if (!canvas) return [];
  return [...canvas.cards.values()].flatMap((card) => {
    const { state, message } = canvas.live(card.id).status;
    if (state !== "failed" || !message || missingFile(editor, card.id)) return [];
    return html`<div class="failure-note" .style=${placeBeside(canvas, card, noteSize(message))}>${unbroken(message)}</div>`;
  });
}

const placed = ([x, y]: readonly [number, number]): string => `left:${x}px;top:${y}px`;

/** A note of this size, where it covers no other card. */
function placeBeside(canvas: EditorCanvas, card: Card, size: readonly [number, number]): string {
  const { x: dx, y: dy, scale } = canvas.view;
  const seen = ([x, y, w, h]: Box): Box => [(x + dx) * scale, (y + dy) * scale, w * scale, h * scale];
  const others = [...canvas.cards.values()].filter((one) => one !== card).map(({ box }) => seen(box));
  const { clientWidth, clientHeight } = canvas.element;
  return placed(notePlace(seen(card.box), size, others, [0, 0, clientWidth, clientHeight]));
}

function placeBelow(canvas: EditorCanvas, { pos, size, flags }: Card, gap: number): string {
  const { x, y, scale } = canvas.view;
  return placed([(pos[0] + x) * scale, (pos[1] + (flags.collapsed ? 6 : size[1] + gap) + y) * scale]);
}
