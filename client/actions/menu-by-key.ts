/** The menus that a right click opens, for those who go by key. */
import type { MenuTarget } from "../canvas/host.ts";
import type { Point } from "../edit/graph.ts";
import type { Editor } from "./editor.ts";
import { hostFor } from "./host.ts";

export const isMenuKey = ({ key, shiftKey }: KeyboardEvent): boolean =>
  key === "ContextMenu" || (key === "F10" && shiftKey);

/** Of the node that was selected last, beside its head; else of the canvas, in its middle. */
export function openMenuByKey(editor: Editor): void {
  const { canvas } = editor;
  if (!canvas) return;
  const id = [...editor.selection].at(-1);
  const box = id === undefined ? undefined : canvas.card(id)?.box;
  const at: Point = box ? [box[0] + 24, box[1] + 24] : canvas.centre;
  const target: MenuTarget = box && id !== undefined ? { on: "node", id } : { on: "canvas" };
  hostFor(editor).menu({ screen: canvas.toScreen(at), canvas: at }, target);
}
