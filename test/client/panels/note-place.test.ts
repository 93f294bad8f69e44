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

test("a message covers no card and is seen whole wherever a place is free for it near its card", () => {
  const box: fc.Arbitrary<Box> = fc.tuple(
    fc.nat(900),
    fc.nat(600),
    fc.integer({ min: 60, max: 300 }),
    fc.integer({ min: 28, max: 200 }),
  );
  const [width, height] = size;
  const isFree = ([x, y]: readonly number[], boxes: readonly Box[], gap: number) =>
    x >= 0 &&
    y >= 0 &&
    x + width <= 1100 &&
    y + height <= 750 &&
    boxes.every(
      ([a, b, c, d]) => x >= a + c + gap || a >= x + width + gap || y >= b + d + gap || b >= y + height + gap,
    );
  fc.assert(
    fc.property(box, fc.array(box, { maxLength: 40 }), (own, others) => {
      const place = notePlace(own, size, others, sight);
      const below = [own[0], own[1] + own[3] + 8];
      if (isFree(below, others, 0)) expect(place).toEqual(below);
      if (isFree(place, [own, ...others], 0)) return;
      // Then nothing is free within 100 pixels to all sides.
      const free: number[][] = [];
      for (let x = own[0] - width - 100; x <= own[0] + own[2] + 100; x += 20)
        for (let y = own[1] - height - 70; y <= own[1] + own[3] + 70; y += 10)
          if (isFree([x, y], [own, ...others], 8)) free.push([x, y]);
      expect(free).toEqual([]);
    }),
  );
});

/** They are placed anew whenever something is drawn: with each corner measured against each card, this takes minutes. */
test("messages are placed among hundreds of cards in no time", { timeout: 3000 }, () => {
  const cards = Array.from(
    { length: 400 },
    (_, i): Box => [(i % 20) * 55 + (i % 7), Math.floor(i / 20) * 37 + (i % 5), 40, 25],
  );
  for (const own of cards.slice(0, 40)) {
    const others = cards.filter((one) => one !== own);
    const [x, y] = notePlace(own, size, others, sight);
    expect(x >= 0 && y >= 0 && x + size[0] <= 1100 && y + size[1] <= 750).toBe(true);
  }
});
