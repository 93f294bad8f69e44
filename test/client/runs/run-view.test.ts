import { expect, test } from "vitest";
import { doneOfAll, leftInRun, pictureWords, stepWords } from "../../../client/runs/progress.ts";
import { duration, roughly, statusOf, stepTag, viewOfSummary, withEvent } from "../../../client/runs/run-view.ts";
import { type LogEvent, maxOutputsTold, type RunSummary } from "../../../server/protocol.ts";

const summary: RunSummary = {
  id: "r",
  number: 1,
  title: "t",
  state: "queued",
  batches: 1,
  seq: 0,
  created: "2026-01-01T00:00:00.000Z",
  outputs: [],
};
const after = (...events: LogEvent[]) => afterIn(1, ...events);
const afterIn = (batches: number, ...events: LogEvent[]) =>
  events.reduce(
    (run, event, i) => withEvent(run, { ...event, run: "r", seq: i + 1, at: summary.created }),
    viewOfSummary({ ...summary, batches }),
  );

test("a node says waiting, running with its step, then done with its time; a cached one says so", () => {
  const running: LogEvent[] = [
    { type: "run", state: "running" },
    { type: "node", path: "1", state: "cached" },
    { type: "node", path: "7/9", state: "running" },
    { type: "step", path: "7/9", index: 16, count: 50, ms: 40 },
  ];
  const run = after(...running);
  expect(statusOf(run, "2", false)).toEqual({ state: "waiting" });
  expect(statusOf(run, "1", false)).toEqual({ state: "cached" });
  expect(statusOf(run, "7", true)).toEqual({ state: "running", word: "17 / 50", progress: { done: 17, of: 50 } });
  expect(stepTag(run, "7/9")).toBe("x₀ · 17 of 50 · 1.32 s left");
  const done = after(
    ...running,
    { type: "node", path: "7/9", state: "done", ms: 1840 },
    { type: "run", state: "succeeded", ms: 1900 },
  );
  expect(statusOf(done, "7", true)).toEqual({ state: "done", word: "1.84 s" });
  expect(statusOf(done, "2", false)).toEqual({ state: "idle" });
});

test("of several batches, steps, times and what is left are those of all", () => {
  const begun: LogEvent[] = [
    { type: "run", state: "running" },
    { type: "node", path: "1", state: "done", ms: 300 },
    { type: "node", path: "7", state: "running" },
    { type: "step", path: "7", index: 4, count: 5, ms: 100 },
    { type: "node", path: "7", state: "done", ms: 600, calls: 2, skipped: 3 },
    { type: "batch", index: 0, count: 3, ms: 1000 },
  ];
  const between = afterIn(3, ...begun, { type: "node", path: "7", state: "running" });
  expect(statusOf(between, "7", false)).toMatchObject({ word: "5 / 15", progress: { done: 5, of: 15 } });
  const second: LogEvent[] = [
    { type: "node", path: "1", state: "cached" },
    { type: "node", path: "7", state: "running" },
    { type: "step", path: "7", index: 0, count: 5, ms: 100 },
  ];
  const run = afterIn(3, ...begun, ...second);
  expect(statusOf(run, "1", false)).toEqual({ state: "done", word: "300 ms" });
  expect(statusOf(run, "7", false)).toMatchObject({ word: "6 / 15" });
  expect(stepTag(run, "7")).toBe("x₀ · batch 2 of 3 · 1.40 s left");
  expect([leftInRun(run), leftInRun(run, 2), stepWords(run)]).toEqual([1400, 1400, "step 1 of 5 in batch 2 of 3"]);
  const done = afterIn(3, ...begun, ...second, {
    type: "node",
    path: "7",
    state: "done",
    ms: 500,
    calls: 1,
    skipped: 4,
  });
  expect(statusOf(done, "7", false)).toEqual({ state: "done", word: "1.10 s, in 3 of 10 steps" });
});

test("of two loops the one is told that this batch has come to", () => {
  const step = (path: string, index: number): LogEvent => ({ type: "step", path, index, count: 25, ms: 10 });
  const events = [step("enc", 24), step("dec", 24), { type: "batch", index: 0, count: 2, ms: 600 } as const];
  const at = (...more: LogEvent[]) => stepWords(afterIn(2, ...events, ...more));
  expect(at(step("enc", 9))).toBe("step 10 of 25 in batch 2 of 2");
  expect(at(step("enc", 24), step("dec", 3))).toBe("step 4 of 25 in batch 2 of 2");
});

test("a loop in a loop counts its own steps, which begin anew", () => {
  const run = afterIn(
    4,
    { type: "node", path: "7/3", state: "running" },
    { type: "step", path: "7/3", index: 4, count: 5, ms: 10 },
    { type: "step", path: "7", index: 0, count: 20, ms: 60 },
    { type: "step", path: "7/3", index: 1, count: 5, ms: 10 },
  );
  expect(statusOf(run, "7/3", false)).toMatchObject({ word: "2 / 5" });
  expect(stepWords(run)).toBe("step 1 of 20 in batch 1 of 4");
});

test("without a loop, batches tell what is left", () => {
  expect(leftInRun(afterIn(8, { type: "run", state: "running" }))).toBeUndefined();
  const run = afterIn(8, { type: "batch", index: 2, count: 8, ms: 100 });
  expect([leftInRun(run), leftInRun(run, 2)]).toEqual([500, 300]);
});

test.each([
  [1, 100, 16, "48 / 128", "48 of 128 pictures, 160 a second"],
  [2, 20_000, 16, "48 / 128", "48 of 128 pictures, 1.6 a second"],
  [1, 20_000, 1, "3 / 8", "3 of 8 pictures, 3.0 a minute"],
  [1, 100, undefined, "3 / 8", undefined],
])("%s devices, a batch in %s ms, pictures of it: %s", (devices, ms, pictures, done, words) => {
  const run = afterIn(8, { type: "batch", index: 2, count: 8, ms, ...(pictures !== undefined && { pictures }) });
  expect([doneOfAll(run), pictureWords(run, devices)]).toEqual([done, words]);
});

test("a card tells of the whole run, as the queue does, where several devices draw it", () => {
  const run = afterIn(
    8,
    { type: "batch", index: 2, count: 8, ms: 100 },
    { type: "step", path: "7", index: 0, count: 5, ms: 20 },
  );
  expect([1, 2].map((devices) => stepTag(run, "7", devices))).toEqual([
    "x₀ · batch 4 of 8 · 480 ms left",
    "x₀ · batch 4 of 8 · 280 ms left",
  ]);
  expect(leftInRun(run, 2)).toBe(280);
});

test("in how many steps a node was needed is told only where each batch tells it", () => {
  const [part, whole]: LogEvent[] = [
    { type: "node", path: "7", state: "done", ms: 500, calls: 2, skipped: 3 },
    { type: "node", path: "7", state: "done", ms: 500 },
  ];
  expect(statusOf(afterIn(3, part, whole, part), "7", false)).toEqual({ state: "done", word: "1.50 s" });
  expect(statusOf(afterIn(3, whole, part, part), "7", false)).toEqual({ state: "done", word: "1.50 s" });
  expect(statusOf(afterIn(2, part, part), "7", false)).toEqual({ state: "done", word: "1.00 s, in 4 of 10 steps" });
});

test("a measure says its numbers, whenever they come", () => {
  const numbers = { accuracy: { value: 0.953125, low: 0.9, high: 1 } };
  const run = after(
    { type: "run", state: "running" },
    { type: "node", path: "4", state: "done", ms: 12 },
    { type: "numbers", path: "4", pictures: 64, numbers },
  );
  expect(run.numbers.get("4")).toEqual({ pictures: 64, numbers });
  expect(statusOf(run, "4", false)).toEqual({ state: "done", word: "accuracy 0.9531 [0.9, 1] of 64 pictures" });
});

test("of more files than are told the last ones are kept, and how many there are is known", () => {
  const file = (i: number): LogEvent => ({
    type: "output",
    path: "9",
    name: `${i}.png`,
    mime: "image/png",
    sha256: "",
  });
  const told = (count: number) => after(...Array.from({ length: count }, (_, i) => file(i))).summary;
  expect(told(maxOutputsTold)).toMatchObject({ outputs: { length: maxOutputsTold } });
  expect(told(maxOutputsTold).outputCount).toBeUndefined();
  const { outputs, outputCount } = told(maxOutputsTold + 3);
  expect([outputs.length, outputs[0].name, outputCount]).toEqual([maxOutputsTold, "3.png", maxOutputsTold + 3]);
});

test("a node that was not needed says so, in every step or in some", () => {
  const run = after(
    { type: "node", path: "1", state: "skipped" },
    { type: "node", path: "7/3", state: "skipped" },
    { type: "node", path: "8", state: "done", ms: 400, calls: 10, skipped: 15 },
    { type: "node", path: "9/2", state: "done", ms: 0, calls: 10, skipped: 15 },
  );
  expect(statusOf(run, "1", false)).toEqual({ state: "skipped" });
  expect(statusOf(run, "7", true)).toEqual({ state: "skipped" });
  expect(statusOf(run, "8", false)).toEqual({ state: "done", word: "400 ms, in 10 of 25 steps" });
  // Of what is drawn with a Differentiate no time is known.
  expect(statusOf(run, "9/2", false)).toEqual({ state: "done", word: "in 10 of 25 steps" });
});

test("a failure inside is told on the node outside, with its message", () => {
  const run = after(
    { type: "node", path: "7/9/3", state: "failed", message: "No gradient rule", port: "x" },
    { type: "run", state: "failed" },
  );
  expect(statusOf(run, "7/9/3", false)).toEqual({ state: "failed", message: "No gradient rule", port: "x" });
  expect(statusOf(run, "7", true)).toEqual({ state: "failed", message: "No gradient rule" });
});

test("what goes round in a loop waits until its first step, and then leaves it to the loop to say how it is", () => {
  const running = after({ type: "run", state: "running" });
  expect(statusOf(running, "8/3/5", false)).toEqual({ state: "waiting" });
  const inLoop = after({ type: "run", state: "running" }, { type: "step", path: "8/3", index: 0, count: 5, ms: 9 });
  expect(statusOf(inLoop, "8/3/5", false)).toEqual({ state: "idle" });
  expect(statusOf(inLoop, "8/30", false)).toEqual({ state: "waiting" });
});

test("an event that was seen changes nothing, so replayed events end the same", () => {
  const run = after({ type: "run", state: "running" }, { type: "node", path: "1", state: "done", ms: 5 });
  expect(withEvent(run, { type: "node", path: "1", state: "running", run: "r", seq: 1, at: summary.created })).toBe(
    run,
  );
});

test("durations are short and never negative", () => {
  expect([0.4, 38, 1840, 12_340, 84_507].map(duration)).toEqual(["<1 ms", "38 ms", "1.84 s", "12 s", "1 min 25 s"]);
  expect([12_340, 109_000, 9_000_000].map(roughly)).toEqual(["12 s", "2 min", "3 h"]);
});

test("what is left of a run is told by its steps, not by the loading in the first of them", () => {
  const step = (index: number, ms: number) => ({ type: "step", path: "7", index, count: 25, ms }) as const;
  expect(leftInRun(after(step(0, 50_000)))).toBeUndefined();
  expect(stepTag(after(step(0, 50_000)), "7")).toBe("x₀ · 1 of 25");
  const run = after(step(0, 50_000), step(1, 900), step(2, 1_100));
  expect(leftInRun(run)).toBe(22_000);
  expect(stepTag(run, "7")).toBe("x₀ · 3 of 25 · 22 s left");
});
