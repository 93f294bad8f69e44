import { expect, test } from "vitest";
import { leftInRun } from "../../../client/runs/progress.ts";
import { type RunView, viewOfSummary } from "../../../client/runs/run-view.ts";
import { timeLeft } from "../../../client/runs/time-left.ts";
import type { RunSummary } from "../../../server/protocol.ts";

const run = (summary: Partial<RunSummary>, step?: { taken: number; of: number; ms: number }): RunView => ({
  ...viewOfSummary({
    ...{
      id: "r",
      number: 1,
      title: "t",
      state: "queued",
      batches: 1,
      seq: 1,
      created: "2026-01-01T00:00:00Z",
      outputs: [],
    },
    ...summary,
  } as RunSummary),
  numbers: new Map(),
  steps: new Map(step ? [["7", step]] : []),
});

test("what is left of all is the steps of the one at work and what those that wait will take", () => {
  const atWork = run({ state: "running" }, { taken: 10, of: 50, ms: 100 });
  const done = run({ state: "succeeded", ms: 6_000 });
  expect(timeLeft([atWork])).toBe(4_000);
  expect(timeLeft([run({}), atWork])).toBe(4_000 + 5_000);
  expect(timeLeft([run({ batches: 3 }), atWork, done])).toBe(4_000 + 18_000);
  expect(timeLeft([done])).toBe(0);
  // Batches of one are drawn by several devices at a time.
  expect(timeLeft([run({ batches: 3 }), atWork], 2)).toBe(4_000 + 2 * 5_000);
});

test("nothing is said of what nobody has seen run", () => {
  expect(timeLeft([run({ title: "other" }), run({ state: "succeeded", ms: 5 })])).toBeUndefined();
});

test("between two steps it goes down by the clock, and no further than the next step is due", () => {
  const atWork = { ...run({ state: "running" }, { taken: 10, of: 50, ms: 5_000 }), heardAt: 1_000 };
  const left = (now: number) => leftInRun(atWork, 1, now);
  expect([1_000, 3_000, 6_000, 60_000].map(left)).toEqual([200_000, 198_000, 195_000, 195_000]);
  // A clock that was set back adds nothing.
  expect(left(0)).toBe(200_000);
});
