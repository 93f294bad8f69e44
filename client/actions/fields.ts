/** Fields of a card, one after the other: which comes next, and where it is painted. */
import type { Box } from "../canvas/view.ts";
import { opened } from "../state/ui.ts";
import type { Editor } from "./editor.ts";
import { dismiss } from "./overlays.ts";

/** Opens the field of a parameter over its card, where it is painted. */
function openField(editor: Editor, id: number, name: string): void {
  const box = boxOf(editor, id, name);
  if (box) editor.apply(opened({ is: "field", id, name, box }));
}

/** The next field of the card, or the one before; behind the last the canvas has the focus. Switches are not typed into. */
export function nextField(editor: Editor, id: number, name: string, isBack: boolean): void {
  const rows = editor.canvas?.card(id)?.look.rows.filter(({ kind }) => kind !== "boolean") ?? [];
  const next = rows[rows.findIndex((row) => row.name === name) + (isBack ? -1 : 1)];
  if (next) openField(editor, id, next.name);
  else dismiss(editor);
}

/** In CSS pixels of the window. */
function boxOf({ canvas }: Editor, id: number, name: string): Box | undefined {
  const card = canvas?.card(id);
  const row = card?.look.rows.findIndex((one) => one.name === name) ?? -1;
  if (!canvas || !card || row < 0) return undefined;
  const [left, top, width, height] = card.field(row);
  const [x, y] = canvas.toScreen([card.pos[0] + left, card.pos[1] + top]);
  const { scale } = canvas.view;
  return [x, y, width * scale, height * scale];
}
