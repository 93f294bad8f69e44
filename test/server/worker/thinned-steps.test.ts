import { Subject } from "rxjs";
import { expect, test } from "vitest";
import type { StepEvent } from "../../../executor/index.ts";
import { thinnedSteps } from "../../../server/worker/thinned-steps.ts";

const done = { type: "node", path: "1", state: "done", ms: 1 } as const;
const step = (index: number, count: number, path = "1"): StepEvent => ({ type: "step", path, index, count, ms: 0.01 });

function thinned() {
  const events = new Subject<StepEvent | typeof done>();
  const told: unknown[] = [];
  const clock = { ms: 0 };
  events.pipe(thinnedSteps(() => clock.ms)).subscribe({
    next: (event) => told.push(event.type === "step" ? `${event.path}:${event.index}` : event.type),
    error: () => told.push("error"),
    complete: () => told.push("complete"),
  });
  return { events, told, clock };
}

test("steps that take their time are all told", () => {
  const { events, told, clock } = thinned();
  for (let index = 0; index < 5; index++, clock.ms += 4) events.next(step(index, 5));
  events.next(done);
  expect(told).toEqual(["1:0", "1:1", "1:2", "1:3", "1:4", "node"]);
});

test("of a hundred thousand in a second some hundreds are told, the first and the last among them", () => {
  const { events, told, clock } = thinned();
  for (let index = 0; index < 100_000; index++, clock.ms += 0.01) events.next(step(index, 100_000));
  events.next(done);
  expect(told.length).toBeLessThanOrEqual(253);
  expect([told[0], ...told.slice(-2)]).toEqual(["1:0", "1:99999", "node"]);
});

test("a loop in a loop is thinned over all its rounds, and hides no step of the outer one", () => {
  const { events, told, clock } = thinned();
  for (let round = 0; round < 3; round++) {
    for (let index = 0; index < 10; index++, clock.ms += 0.5) events.next(step(index, 10, "1/2"));
    events.next(step(round, 3));
  }
  events.next(done);
  expect(told.filter((what) => String(what).startsWith("1:"))).toEqual(["1:0", "1:1", "1:2"]);
  expect(told.filter((what) => String(what).startsWith("1/2:")).length).toBeLessThanOrEqual(6);
});

test.each(["error", "complete"] as const)("the last step is told before the run ends (%s)", (end) => {
  const { events, told } = thinned();
  for (let index = 0; index < 3; index++) events.next(step(index, 9));
  events[end](new Error("no"));
  expect(told).toEqual(["1:0", "1:2", end]);
});
