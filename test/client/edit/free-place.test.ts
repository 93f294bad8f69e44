/** Where the editor puts what comes. */
import { expect, test } from "vitest";
import type { Placed } from "../../../client/edit/arrange-marks.ts";
import { freePlace } from "../../../client/edit/free-place.ts";
import type { Point } from "../../../client/edit/graph.ts";

const cards = (count: number, x: number, y: number): Placed[] =>
  Array.from({ length: count }, (_, i) => [x + (i % 12) * 240, y + Math.floor(i / 12) * 200, 180, 140]);

/** Where they come to lie, and how many places were looked at for that. */
function place(coming: readonly Placed[], there: readonly Placed[], seen: Placed) {
  let asked = 0;
  const boxesAt = ([dx, dy]: Point) => {
    asked++;
    return coming.map(([x, y, w, h]) => [x + dx, y + dy, w, h] as const);
  };
  return { at: freePlace([0, 0], boxesAt, there, seen), asked };
}

test.each<[string, readonly Placed[], Placed, number]>([
  ["is seen", [], [0, 0, 4000, 4000], 2],
  ["could be seen whole nowhere", cards(9, 5000, 5000), [0, 0, 1400, 900], 2],
  ["is there, and the seen ones are all further", cards(9, 5000, 5000), [500, 0, 4000, 4000], 1_442],
])("no place is asked for twice, nor any beside the first where that one %s", (_, there, seen, most) => {
  const { at, asked } = place(cards(140, 0, 0), there, seen);
  expect(asked).toBeLessThanOrEqual(most);
  if (most === 2) expect(at).toEqual([0, 0]);
});

test("the nearest that is seen whole goes before a nearer one that is not; the wished one is left where none is free", () => {
  const card: Placed = [0, 0, 100, 100];
  expect(place([card], [], [200, 0, 400, 400]).at).toEqual([216, 0]);
  expect(place([card], [], [9000, 0, 400, 400]).at).toEqual([0, 0]);
  expect(place([card], [[-5000, -5000, 10_000, 10_000]], [0, 0, 400, 400]).at).toEqual([0, 0]);
});
