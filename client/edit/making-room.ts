/** Cards grow: by a longer value, a slot, a line of facts, a picture that is watched. What they come to lie on gives way. */
import { onGrid, type Placed } from "./arrange-marks.ts";
import type { Point } from "./graph.ts";

/** Between cards that one has pushed aside, in units of the canvas. */
const margin = 16;

/**
 * How far cards move, so that none that has grown lies on one that it did not lie on before: to the right of what grew wider,
 * below what grew taller, and what they come upon moves on with them. `fixed` ones stay, and so does what lay on each other.
 */
export function roomFor(
  before: ReadonlyMap<number, Placed>,
  now: ReadonlyMap<number, Placed>,
  fixed: ReadonlySet<number> = new Set(),
): ReadonlyMap<number, Point> {
  const places = new Map(now);
  const pushes = [...now.keys()].filter((id) => hasGrown(before.get(id), now.get(id)));
  // Each moves right or down only, so they come to an end; the bound is for the many that lie on one spot.
  for (let turns = 0; pushes.length > 0 && turns < 4 * now.size; turns++) {
    const by = pushes.shift() as number;
    for (const [id, box] of places) {
      const [was, pushed] = [before.get(id), places.get(by) as Placed];
      if (id === by || fixed.has(id) || !was || !lieOn(pushed, box)) continue;
      const from = before.get(by) as Placed;
      if (lieOn(from, was)) continue;
      const isBeside = was[0] >= from[0] + from[2];
      places.set(id, isBeside ? rightOf(pushed, box) : below(pushed, box));
      pushes.push(id);
    }
  }
  return new Map(
    [...places].flatMap(([id, [x, y]]): [number, Point][] => {
      const [left, top] = now.get(id) as Placed;
      return x === left && y === top ? [] : [[id, [x - left, y - top]]];
    }),
  );
}

const hasGrown = (before: Placed | undefined, now: Placed | undefined): boolean =>
  before !== undefined &&
  now !== undefined &&
  before[0] === now[0] &&
  before[1] === now[1] &&
  (now[2] > before[2] || now[3] > before[3]);

const lieOn = ([ax, ay, aw, ah]: Placed, [bx, by, bw, bh]: Placed): boolean =>
  ax < bx + bw && bx < ax + aw && ay < by + bh && by < ay + ah;

/** Whole steps of the grid: what lay straight beside others lies straight. */
const upToGrid = (value: number): number => onGrid(value + 3.5);
const rightOf = ([x, , w]: Placed, [left, top, width, height]: Placed): Placed => [
  left + upToGrid(x + w + margin - left),
  top,
  width,
  height,
];
const below = ([, y, , h]: Placed, [left, top, width, height]: Placed): Placed => [
  left,
  top + upToGrid(y + h + margin - top),
  width,
  height,
];
