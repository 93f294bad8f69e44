/** Coming to a level: its view is as it was left; one seen for the first time is placed, if nobody has placed it, and fitted. */
import type { Editor } from "../actions/editor.ts";
import { placesFor } from "../actions/laying-out.ts";
import type { Card } from "../canvas/card.ts";
import type { EditorCanvas } from "../canvas/editor-canvas.ts";
import { type Box, fitView, unionOf } from "../canvas/view.ts";
import { hides, overlaps } from "../edit/arrange.ts";
import type { Point } from "../edit/graph.ts";
import { graphAt } from "../edit/level.ts";
import { isUntouched } from "../edit/origin.ts";
import { viewHere } from "../state/looking.ts";
import { documentOf, placed, type Tab } from "../state/tab.ts";
import { inActive } from "../state/tabs.ts";
import { lookups } from "./lookups.ts";

/** Text on nodes is then at least 10 pixels high on first sight. */
const leastScale = 0.8;

export function settle(editor: Editor): void {
  const { canvas, tab } = editor;
  if (!canvas || !tab) return;
  const view = viewHere(tab);
  if (view) {
    canvas.view = view;
    return;
  }
  const places = betterPlaces(canvas, tab, () => placesFor(editor));
  if (places) {
    editor.apply(inActive((tab) => placed(tab, places, editor.catalogue)));
    // The view is fitted to the places as they are now, before the next frame.
    canvas.show(editor.graph, lookups(editor.state));
  }
  canvas.fit(undefined, leastScale);
}

type Sight = Pick<EditorCanvas, "boxes" | "card"> & {
  readonly element: { readonly clientWidth: number; readonly clientHeight: number };
};

/**
 * Where cards would lie better: when they lie on each other, or when a graph must be zoomed out to be seen and need not
 * be. A graph with an own past, here or before the page was loaded anew, stays, unless cards hide others.
 */
export function betterPlaces(
  canvas: Sight,
  tab: Tab,
  laidOut: () => ReadonlyMap<number, Point>,
): ReadonlyMap<number, Point> | undefined {
  const boxes = canvas.boxes();
  const isOwn = tab.history.past.length > 0 || tab.restored === true;
  if (isOwn ? hides(boxes) : overlaps(boxes)) return laidOut();
  const levels = tab.level.map((_, depth) => tab.level.slice(0, depth + 1));
  const isFromLibrary = levels.some((level) => isUntouched(graphAt(documentOf(tab), level)));
  if (isOwn && !isFromLibrary) return undefined;
  const { clientWidth, clientHeight } = canvas.element;
  const scaleOf = (boxes: readonly Box[]) =>
    boxes.length === 0 ? 1 : fitView(unionOf(boxes), clientWidth, clientHeight, 0.1).scale;
  if (scaleOf(boxes) >= leastScale) return undefined;
  const places = laidOut();
  const moved = [...places].map(([id, [x, y]]): Box => {
    const { box, head } = canvas.card(id) as Card;
    return [x, y - head, box[2], box[3]];
  });
  return scaleOf(moved) > scaleOf(boxes) * 1.1 ? places : undefined;
}
