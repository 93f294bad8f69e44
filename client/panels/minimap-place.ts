/** Where the map lies: in a corner of the canvas where it covers no card; if it must, slots and heads, never a picture or a parameter. */
import type { Box } from "../canvas/view.ts";

export const corners = ["lower right", "lower left", "upper right", "upper left"] as const;
export type Corner = (typeof corners)[number];

/** Of the map with its frame, in CSS pixels; at the upper edge stand the breadcrumb and the zoom. */
export const mapSize = { width: 178, height: 114, margin: 12, below: 56 } as const;

/** A card in sight, in CSS pixels of the canvas. */
export interface InSight {
  readonly box: Box;
  /** What of it is looked at or turned. */
  readonly body: Box | undefined;
}

export function boxIn(corner: Corner, [width, height]: readonly [number, number]): Box {
  const { margin, below } = mapSize;
  const x = corner.endsWith("right") ? width - mapSize.width - margin : margin;
  const y = corner.startsWith("lower") ? height - mapSize.height - margin : below;
  return [x, y, mapSize.width, mapSize.height];
}

/** Undefined where it would lie on a picture or a parameter everywhere. It stays where it was, `last`, while no corner is better. */
export function cornerFor(
  cards: readonly InSight[],
  size: readonly [number, number],
  last: Corner = corners[0],
): Corner | undefined {
  const hides = (corner: Corner, box: Box | undefined) => box !== undefined && overlap(box, boxIn(corner, size));
  const isFree = (corner: Corner) => !cards.some(({ box }) => hides(corner, box));
  const hidesNoBody = (corner: Corner) => !cards.some(({ body }) => hides(corner, body));
  const inOrder = [last, ...corners];
  return inOrder.find(isFree) ?? inOrder.find(hidesNoBody);
}

const overlap = ([ax, ay, aw, ah]: Box, [bx, by, bw, bh]: Box): boolean =>
  ax < bx + bw && bx < ax + aw && ay < by + bh && by < ay + ah;
