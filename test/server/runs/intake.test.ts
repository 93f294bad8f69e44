import { expect, test } from "vitest";
import { Refusal } from "../../../server/refusal.ts";
import {
  Intake,
  longMs,
  manyUnderWay,
  maxAtOnce,
  maxPerSecond,
  mostUnderWay,
  shareOfOne,
} from "../../../server/runs/intake.ts";

function intake() {
  const clock = { ms: 0 };
  const intake = new Intake(() => clock.ms);
  /** Of so many requests, how many are let in, and why the last that is not, is not. */
  const come = (count: number, by?: string) => {
    let [taken, why] = [0, "" as string];
    for (let i = 0; i < count; i++)
      try {
        intake.count(by);
        taken++;
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        why = error.reason;
      }
    return [taken, why];
  };
  return { intake, clock, come };
}

test("so many come at once, then so many a second, and a pause gives no more than the first time", () => {
  const { clock, come } = intake();
  expect(come(1_000)).toEqual([maxAtOnce, "too often"]);
  let taken = 0;
  for (; clock.ms < 10_000; clock.ms += 2) taken += Number(come(1)[0]);
  expect(Math.abs(taken - 10 * maxPerSecond)).toBeLessThanOrEqual(1);
  clock.ms += 3_600_000;
  expect(come(1_000)).toEqual([maxAtOnce, "too often"]);
});

test("one named user leaves room for the others, and the owner may take all", () => {
  const { clock, come } = intake();
  expect(come(1_000, "ann")).toEqual([maxAtOnce * shareOfOne, "too often"]);
  expect(come(1_000, "bob")).toEqual([maxAtOnce * (1 - shareOfOne), "too often"]);
  clock.ms += 1_000;
  // What was refused to one did not count against all.
  expect(come(1_000, "ann")).toEqual([maxPerSecond * shareOfOne, "too often"]);
  expect(come(1_000)).toEqual([maxPerSecond * (1 - shareOfOne), "too often"]);
});

test("where many wait for their answer and the first waits long, no other is let in until it has it", async () => {
  const { intake: open, clock, come } = intake();
  const answers: (() => void)[] = [];
  const underWay = Array.from({ length: manyUnderWay }, () =>
    open.take(() => new Promise<void>((resolve) => answers.push(resolve))),
  );
  expect(come(1)).toEqual([1, ""]);
  clock.ms += longMs + 1;
  expect(come(1)).toEqual([0, "unavailable"]);
  answers[0]();
  await underWay[0];
  expect(come(1)).toEqual([1, ""]);
});

test("of many that came at once only so many wait", async () => {
  const { intake: open } = intake();
  const answers: (() => void)[] = [];
  const take = () => open.take(() => new Promise<void>((resolve) => answers.push(resolve)));
  const underWay = Array.from({ length: mostUnderWay }, take);
  await expect(take()).rejects.toMatchObject({ reason: "unavailable" });
  const { intake: shared } = intake();
  const anns = Array.from({ length: mostUnderWay * shareOfOne }, () =>
    shared.take(() => new Promise<void>((resolve) => answers.push(resolve)), "ann"),
  );
  await expect(shared.take(async () => {}, "ann")).rejects.toMatchObject({ reason: "unavailable" });
  await shared.take(async () => {}, "bob");
  for (const answer of answers) answer();
  await Promise.all([...underWay, ...anns]);
  const later = take();
  answers.at(-1)?.();
  await later;
});
