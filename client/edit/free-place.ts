/** Where the editor puts what comes: on no card that is there, as near as can be to where it was wished. */
import { type Placed, pointOnGrid } from "./arrange-marks.ts";
import type { Point } from "./graph.ts";

/** Between what comes and what is there, in units of the canvas. */
const margin = 16;

/** More pairs of cards than that are not looked at, 1,400 times: what comes in such crowds lies where it was wished. */
const mostPairs = 20_000;

/**
 * Of the places around the wished one, the nearest where none of `coming` lies on any that is `there`, as `boxesAt` has them at
 * a place; of those that are seen whole, if any is. The wished one, where there is none.
 */
export function freePlace(
  wish: Point,
  boxesAt: (place: Point) => readonly Placed[],
  there: readonly Placed[],
  [left, top, width, height]: Placed,
): Point {
  if (boxesAt(wish).length * there.length > mostPairs) return pointOnGrid(wish);
  const isApart = ([x, y, w, h]: Placed) =>
    there.every(
      ([bx, by, bw, bh]) =>
        bx >= x + w + margin || bx + bw + margin <= x || by >= y + h + margin || by + bh + margin <= y,
    );
  const isSeen = ([x, y, w, h]: Placed) => x >= left && x + w <= left + width && y >= top && y + h <= top + height;
  let nearest: Point | undefined;
  for (const place of around(wish)) {
    const coming = boxesAt(place);
    const isWhole = coming.every(isSeen);
    // Once there is one out of sight, only what is seen is nearer to the wish.
    if ((nearest && !isWhole) || !coming.every(isApart)) continue;
    if (isWhole) return place;
    nearest = place;
    if (!couldBeSeen(coming, width, height)) break;
  }
  return nearest ?? pointOnGrid(wish);
}

/** What is larger than what is seen is seen whole nowhere. */
function couldBeSeen(boxes: readonly Placed[], width: number, height: number): boolean {
  const span = (starts: number[], ends: number[]) => Math.max(...ends) - Math.min(...starts);
  const wide = span(
    boxes.map(([x]) => x),
    boxes.map(([x, , w]) => x + w),
  );
  const high = span(
    boxes.map(([, y]) => y),
    boxes.map(([, y, , h]) => y + h),
  );
  return wide <= width && high <= height;
}

/** Places ever further from one, 24 to a ring. */
function* around([x, y]: Point): Generator<Point> {
  yield pointOnGrid([x, y]);
  for (let ring = 1; ring <= 60; ring++)
    for (let i = 0; i < 24; i++) {
      const turn = (i * Math.PI) / 12;
      yield pointOnGrid([x + 24 * ring * Math.cos(turn), y + 24 * ring * Math.sin(turn)]);
    }
}
