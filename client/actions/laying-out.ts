/** Where nodes lie: pushed by keys, in line, or laid out anew. */
import { extentOf } from "../canvas/extent.ts";
import { arrange } from "../edit/arrange.ts";
import { moveNodes, type Point } from "../edit/graph.ts";
import type { Editor } from "./editor.ts";

export const nudge = (dx: number, dy: number) => (editor: Editor) =>
  editor.edit(
    (graph) =>
      moveNodes(
        graph,
        new Map(
          graph.nodes
            .filter(({ id }) => editor.selection.has(id))
            .map(({ id, pos }) => [id, [pos[0] + dx, pos[1] + dy]]),
        ),
      ),
    `nudge ${[...editor.selection].join()}`,
  );

export function align(editor: Editor, axis: 0 | 1): void {
  const ids = editor.selection;
  if (ids.size === 0) return;
  editor.edit((graph) => {
    const chosen = graph.nodes.filter(({ id }) => ids.has(id));
    const edge = Math.min(...chosen.map(({ pos }) => pos[axis]));
    const at = ([x, y]: Point): Point => (axis === 0 ? [edge, y] : [x, edge]);
    return moveNodes(graph, new Map(chosen.map(({ id, pos }) => [id, at(pos)])));
  });
}

export function placesFor(editor: Editor): Map<number, Point> {
  const extents = new Map([...(editor.canvas?.cards ?? [])].map(([id, card]) => [id, extentOf(card)]));
  return arrange(editor.graph, extents);
}

export function tidy(editor: Editor): void {
  const places = placesFor(editor);
  editor.edit((graph) => moveNodes(graph, places));
  requestAnimationFrame(() => editor.canvas?.fit());
}
