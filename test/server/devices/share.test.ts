import { expect, test } from "vitest";
import { Share } from "../../../server/devices/share.ts";

const share = (done: readonly number[] = []) =>
  new Share<string>(12, {
    done,
    begun: [
      { from: 2, to: 5 },
      { from: 7, to: 9 },
    ],
    all: () => ["a", "b"],
  });

test("what others began is had in whole pieces by who waits for it, and by nobody else while there is more to do", () => {
  const some = share();
  expect(some.take("a", 4)).toEqual([0, 1]);
  expect(some.take("a", 4)).toEqual([5, 6]);
  expect([some.takeBegun("b"), some.takeBegun("b"), some.takeBegun("b")]).toEqual([[2, 3, 4], [7, 8], []]);
  expect([some.left, some.take("a", 4), some.take("a", 4), some.left]).toEqual([3, [9, 10, 11], [], 0]);
  for (let batch = 0; batch < 12; batch++) some.keep(batch);
  expect([some.isDone, some.take("b")]).toEqual([true, [12]]);
});

test("where nobody waits for it, it is given last, and where who waited is gone, first", () => {
  const some = share();
  expect(some.takeBegun("b")).toEqual([2, 3, 4]);
  some.giveBack("b", false);
  expect([some.take("a", 9), some.take("a", 9), some.take("a", 9), some.take("a", 9)]).toEqual([
    [2, 3, 4],
    [0, 1],
    [5, 6],
    [9, 10, 11],
  ]);
  expect([some.left, some.take("a", 9), some.left]).toEqual([2, [7, 8], 0]);
});

test("a piece of which some is done already is no piece", () => {
  const some = share([3]);
  expect([some.takeBegun("b"), some.takeBegun("b")]).toEqual([[7, 8], []]);
  expect([some.take("a", 9), some.take("a", 9)]).toEqual([
    [0, 1, 2],
    [4, 5, 6],
  ]);
});
