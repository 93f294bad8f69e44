import fc from "fast-check";
import { expect, test } from "vitest";
import type { Box } from "../../../client/canvas/view.ts";
import { beyond, towards } from "../../../client/panels/beyond.ts";

const seen: Box = [0, 0, 1000, 600];

test("a card counts as out of sight where its middle is, on the side on which it is farther out", () => {
  const at = (x: number, y: number): Box => [x, y, 200, 100];
  const cases: readonly (readonly [Box, string | undefined])[] = [
    [at(100, 100), undefined],
    [at(0, 545), undefined],
    [at(0, 555), "down"],
    [at(950, 0), "right"],
    [at(-150, 0), "left"],
    [at(300, -90), "up"],
    [at(1000, 2000), "down"],
    [at(3000, 700), "right"],
  ];
  for (const [box, side] of cases) expect([...beyond([box], seen).keys()], String(box)).toEqual(side ? [side] : []);
});

test("pressed again and again, a mark leads past every card of its side, and goes", () => {
  const places = fc.array(fc.integer({ min: -4000, max: 4000 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(places, fc.constantFrom("left", "right", "up", "down"), (places, side) => {
      const across = side === "left" || side === "right";
      const boxes = places.map((at): Box => (across ? [at, 100, 150, 90] : [100, at, 150, 90]));
      const met = new Set<Box>();
      let view = seen;
      const out = beyond(boxes, view).get(side) ?? [];
      for (let ahead: readonly Box[] | undefined = out; ahead; ahead = beyond(boxes, view).get(side)) {
        if (ahead.length === 0) break;
        const [dx, dy] = towards(side, ahead, view, 40);
        expect(Math.sign(across ? dx : dy)).toBe(side === "right" || side === "down" ? 1 : -1);
        view = [view[0] + dx, view[1] + dy, view[2], view[3]];
        const hidden = new Set([...beyond(boxes, view).values()].flat());
        for (const box of boxes) if (!hidden.has(box)) met.add(box);
      }
      expect(out.filter((box) => !met.has(box))).toEqual([]);
    }),
  );
});
