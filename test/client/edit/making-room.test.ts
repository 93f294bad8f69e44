import fc from "fast-check";
import { expect, test } from "vitest";
import type { Placed } from "../../../client/edit/arrange-marks.ts";
import { roomFor } from "../../../client/edit/making-room.ts";

const lieOn = ([ax, ay, aw, ah]: Placed, [bx, by, bw, bh]: Placed) =>
  ax < bx + bw && bx < ax + aw && ay < by + bh && by < ay + ah;
const cards = (boxes: readonly Placed[]) => new Map(boxes.map((box, id) => [id, box]));
const moved = (boxes: readonly Placed[], by: ReadonlyMap<number, readonly [number, number]>) =>
  boxes.map(([x, y, w, h], id): Placed => [x + (by.get(id)?.[0] ?? 0), y + (by.get(id)?.[1] ?? 0), w, h]);

test("what a wider card comes to lie on moves to its right, what a taller one does below it, and what is there moves on", () => {
  const before: Placed[] = [
    [0, 0, 112, 100],
    [128, 0, 100, 100],
    [232, 0, 100, 100],
    [0, 116, 112, 60],
  ];
  const wider = before.with(0, [0, 0, 200, 100]);
  expect(moved(wider, roomFor(cards(before), cards(wider)))).toEqual([
    [0, 0, 200, 100],
    [216, 0, 100, 100],
    [336, 0, 100, 100],
    [0, 116, 112, 60],
  ]);
  const taller = before.with(0, [0, 0, 112, 180]);
  expect([...roomFor(cards(before), cards(taller))]).toEqual([[3, [0, 80]]]);
});

const at = fc.integer({ min: 0, max: 60 }).map((cell) => 8 * cell);
const size = fc.integer({ min: 5, max: 20 }).map((cell) => 8 * cell);
const box: fc.Arbitrary<Placed> = fc.tuple(at, at, size, size);

test("whatever grows: cards that lay apart lie apart, pinned ones stay, and nothing moves where there is room", () => {
  const growth = fc.record({ card: fc.nat(8), wider: fc.nat(120), taller: fc.nat(120) });
  fc.assert(
    fc.property(fc.array(box, { minLength: 1, maxLength: 9 }), fc.array(growth, { maxLength: 3 }), (boxes, growths) => {
      const now = boxes.map(([x, y, w, h], id): Placed => {
        const own = growths.filter(({ card }) => card === id);
        return [x, y, Math.max(w, ...own.map((g) => w + g.wider)), Math.max(h, ...own.map((g) => h + g.taller))];
      });
      const by = roomFor(cards(boxes), cards(now));
      const after = moved(now, by);
      const apart = (list: readonly Placed[]) => list.every((a, i) => list.slice(i + 1).every((b) => !lieOn(a, b)));
      if (apart(boxes)) expect(apart(after)).toBe(true);
      if (apart(now)) expect(by.size).toBe(0);
      expect(roomFor(cards(boxes), cards(now), new Set(boxes.keys())).size).toBe(0);
      expect([...by.values()].every(([dx, dy]) => dx >= 0 && dy >= 0)).toBe(true);
    }),
    { numRuns: 400 },
  );
});
