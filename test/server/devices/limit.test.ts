import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Limit } from "../../../server/devices/limit.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Whether a second of work is over, after each of these. */
function over(...what: readonly (number | "count" | "pause" | { giveBack: number })[]): boolean[] {
  const late = vi.fn();
  const limit = new Limit(1_000, late);
  return what.map((one) => {
    if (typeof one === "number") vi.advanceTimersByTime(one);
    else if (typeof one === "object") limit.giveBack(one.giveBack);
    else limit[one]();
    return late.mock.calls.length > 0;
  });
}

test.each([
  ["counts from when somebody is at it", [5_000, "count", 999, 1], [false, false, false, true]],
  [
    "does not count while nobody is",
    ["count", 600, "pause", 5_000, "count", 399, 1],
    [false, false, false, false, false, false, true],
  ],
  ["counts once, however often it is told", ["count", 600, "count", 400], [false, false, false, true]],
  ["has what was no work given back", ["count", 900, { giveBack: 500 }, 599, 1], [false, false, false, false, true]],
  [
    "has it given back in a pause too",
    ["count", 900, "pause", { giveBack: 500 }, 5_000, "count", 599, 1],
    [false, false, false, false, false, false, false, true],
  ],
] as const)("it %s", (_, what, is) => {
  expect(over(...what)).toEqual(is);
});

test.each([30 * 86_400_000, Number.POSITIVE_INFINITY])(
  "it may be as long as %d ms, which is more than a timer takes",
  (ms) => {
    const late = vi.fn();
    const limit = new Limit(ms, late);
    limit.count();
    vi.advanceTimersByTime(Math.min(ms, 40 * 86_400_000) - 1_000);
    expect(late).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_001);
    expect(late).toHaveBeenCalledTimes(ms < Number.POSITIVE_INFINITY ? 1 : 0);
    limit.pause();
  },
);
