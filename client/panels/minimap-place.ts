/** Where the map lies: in a corner of the canvas where it covers no card; if it must, one without a picture. */
import type { Box } from "../canvas/view.ts";

export const corners = ["lower right", "lower left", "upper right", "upper left"] as const;
export type Corner = (typeof corners)[number];

/** Of the map with its frame, in CSS pixels; at the upper edge stand the breadcrumb and the zoom. */
export const mapSize = { width: 178, height: 114, margin: 12, below: 56 } as const;

/** A card in sight, in CSS pixels of the canvas. */
export interface InSight {
  readonly box: Box;
  readonly hasPicture: boolean;
}

export function boxIn(corner: Corner, [width, height]: readonly [number, number]): Box {
  const { margin, below } = mapSize;
  const x = corner.endsWith("right") ? width - mapSize.width - margin : margin;
  const y = corner.startsWith("lower") ? height - mapSize.height - margin : below;
  return [x, y, mapSize.width, mapSize.height];
}

/** Undefined where it would lie on a picture everywhere. It stays where it was, `last`, while no corner is better. */
export function cornerFor(
  cards: readonly InSight[],
  size: readonly [number, number],
  last: Corner = corners[0],
): Corner | undefined {
  const covered = (corner: Corner) => cards.filter(({ box }) => overlap(box, boxIn(corner, size)));
  const isFree = (corner: Corner) => covered(corner).length === 0;
  const hidesNoPicture = (corner: Corner) => !covered(corner).some(({ hasPicture }) => hasPicture);
  const inOrder = [last, ...corners];
  return inOrder.find(isFree) ?? inOrder.find(hidesNoPicture);
}

const overlap = ([ax, ay, aw, ah]: Box, [bx, by, bw, bh]: Box): boolean =>
  ax < bx + bw && bx < ax + aw && ay < by + bh && by < ay + ah;
