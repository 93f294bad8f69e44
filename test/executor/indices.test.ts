import { describe, expect, test } from "vitest";
import { boundOf, indices } from "../../executor/index.ts";

const rows = { count: 30 };
const walk = (order: string) => [...indices(rows, order, "end", "end")];

describe("a typed order", () => {
  test.each<[string, number[]]>([
    ["9, 8 7;6.5", [9, 8, 7, 6.5]],
    ["9..6", [9, 8, 7, 6]],
    ["2..4", [2, 3, 4]],
    ["2.5..0.5", [2.5, 1.5, 0.5]],
    ["0.1..3.1", [0.1, 1.1, 2.1, 3.1]],
    ["3..2*2, 1", [3, 2, 3, 2, 1]],
    ["3 .. 2 * 2", [3, 2, 3, 2]],
    ["3..2x2, 1..0 x 2", [3, 3, 2, 2, 1, 1, 0, 0]],
    ["0*5", [0, 0, 0, 0, 0]],
    ["9, 4, x0", [9, 4, -1]],
    ["9, X0, 4, 0", [9, -1, 4, 0]],
    ["index: 5..4", [5, 4]],
    [" Up ", Array.from({ length: 30 }, (_, i) => i)],
  ])("%s", (order, expected) => expect(walk(order)).toEqual(expected));

  test.each([
    ["", 'not ""'],
    ["x0, 3", 'not "x0"'],
    ["3..", 'not "3.."'],
    ["3*0", 'not "3*0"'],
    ["3*1.5", 'not "3*1.5"'],
    ["-1", "The index -1 lies outside"],
    ["30", "The index 30 lies outside the schedule, which has 0 … 29"],
    ["29..-3", "The index -1 lies outside"],
    ["0.1..0.4", "from 0.1 it does not come to 0.4"],
    ["9.5..5", "from 9.5 it does not come to 5"],
    ["t: 2..0.5*2", "from 2 it does not come to 0.5"],
    ["5*1000000", "1000000 steps are more than 100000"],
    ["0..9*10000,0..9*10000", "steps are more than 100000"],
    ["1e999..0", "more than 100000"],
    ["colour: 3", '"colour" measures no step: it must be one of index, t, noise_level, lambda'],
  ])("%s is refused", (order, message) => {
    expect(() => walk(order)).toThrow(message);
    try {
      walk(order);
    } catch (error) {
      expect(error).toMatchObject({ port: "order" });
    }
  });

  test("by a measure is asked of the schedule, and counted where there is none yet", () => {
    const indexOf = (measure: string, value: number) => {
      if (value > 80) throw new RangeError(`Cannot take a step at ${measure} ${value}`);
      return value / 10;
    };
    expect(indices({ ...rows, indexOf }, "noise_level: 80, 20..19, x0", "end", "end")).toEqual([8, 2, 1.9, -1]);
    expect(indices(rows, "lambda: -7, 0, 2.5", "end", "end")).toHaveLength(3);
    expect(() => indices({ ...rows, indexOf }, "t: 900", "end", "end")).toThrow("Cannot take a step at t 900");
  });
});

describe("a start and a stop", () => {
  const computed = { from: "7", output: "number" };
  test("of -1 are the ends where they are typed, and no index where they are computed", () => {
    expect(indices(rows, "down", boundOf({ value: -1 }, -1), boundOf({ value: 28 }, 28))).toEqual([29, 28]);
    expect(indices(rows, "up", boundOf(computed, 28), boundOf({ value: -1 }, -1))).toEqual([28, 29]);
    for (const order of ["down", "up"]) {
      expect(() => indices(rows, order, boundOf(computed, -1), "end")).toThrow("a computed -1 is not its end");
      expect(() => indices(rows, order, "end", boundOf(computed, -1))).toThrow("a computed -1 is not its end");
    }
  });

  test.each([
    ["down", 3, 5, "Going down, index 5 does not come after 3"],
    ["up", 5, 3, "Going up, index 3 does not come after 5"],
    ["down", Number.NaN, 0, "The index NaN lies outside"],
    ["down", 29, -2, "The index -2 lies outside the schedule, which has 0 … 29"],
    ["9..5", 9, "end", "A list of indices has no start and stop"],
  ] as const)("%s from %s to %s is refused", (order, start, stop, message) => {
    expect(() => indices(rows, order, start, stop)).toThrow(message);
  });
});
