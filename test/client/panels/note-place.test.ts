import fc from "fast-check";
import { expect, test } from "vitest";
import type { Box } from "../../../client/canvas/view.ts";
import { notePlace } from "../../../client/panels/note-place.ts";

const card: Box = [400, 300, 160, 120];
const size = [280, 50] as const;
const sight: Box = [0, 0, 1100, 750];

test.each<[where: string, others: Box[], place: [number, number]]>([
  ["below its card", [], [400, 428]],
  ["to the right of it, where a card lies below", [[400, 440, 160, 100]], [568, 300]],
  [
    "to the left, where others lie below and to the right",
    [
      [400, 440, 160, 100],
      [600, 300, 160, 100],
    ],
    [112, 300],
  ],
  [
    "above, where they are all round",
    [
      [400, 440, 160, 100],
      [600, 300, 160, 100],
      [200, 300, 160, 100],
    ],
    [400, 242],
  ],
])("a message stands %s", (_, others, place) => {
  expect(notePlace(card, size, others, sight)).toEqual(place);
});

test("a message covers no card and is seen whole wherever a side is free for it", () => {
  const box: fc.Arbitrary<Box> = fc.tuple(fc.nat(900), fc.nat(600), fc.nat(300), fc.nat(200));
  fc.assert(
    fc.property(box, fc.array(box, { maxLength: 6 }), (own, others) => {
      const place = notePlace(own, size, others, sight);
      const isFree = (at: readonly number[]) => {
        const [x, y, w, h] = [at[0], at[1], ...size];
        const isSeen = x >= 0 && y >= 0 && x + w <= 1100 && y + h <= 750;
        return isSeen && others.every(([a, b, c, d]) => x >= a + c || a >= x + w || y >= b + d || b >= y + h);
      };
      const below = [own[0], own[1] + own[3] + 8];
      if (!isFree(place)) expect(place).toEqual(below);
      if (isFree(below)) expect(place).toEqual(below);
    }),
  );
});
