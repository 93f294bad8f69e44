/** The selection goes along the wires, and the view with it where it would be lost from sight. */
import { type Direction, firstOf, walk } from "../edit/walk.ts";
import type { Editor } from "./editor.ts";

export const walkTo =
  (direction: Direction) =>
  (editor: Editor): void => {
    const here = [...editor.selection].at(-1);
    const next = here === undefined ? firstOf(editor.graph) : walk(editor.graph, here, direction);
    if (next === undefined) return;
    editor.select(new Set([next]));
    keepInSight(editor, next);
    // Who goes through the list of nodes by key goes on in it.
    document.querySelector<HTMLElement>(`.mirror:focus-within [data-id="${next}"]`)?.focus();
  };

/** The view moves where a node is not wholly in it. */
export function keepInSight({ canvas }: Editor, id: number): void {
  const box = canvas?.card(id)?.box;
  if (!canvas || !box) return;
  const { x, y, scale } = canvas.view;
  const { clientWidth, clientHeight } = canvas.element;
  const [left, top] = [(box[0] + x) * scale, (box[1] + y) * scale];
  const [right, bottom] = [left + box[2] * scale, top + box[3] * scale];
  if (left >= 0 && top >= 0 && right <= clientWidth && bottom <= clientHeight) return;
  canvas.view = {
    x: clientWidth / 2 / scale - (box[0] + box[2] / 2),
    y: clientHeight / 2 / scale - (box[1] + box[3] / 2),
    scale,
  };
}
