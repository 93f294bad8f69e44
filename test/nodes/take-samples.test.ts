/** Samples of a batch by their place, and what a loop stored read back by another, step by step. */
import { expect, test } from "vitest";
import { samples, wiredValue } from "../support/wired-values.ts";

const rows = samples([1, 2], [3, 4], [5, 6], [7, 8]);
const taken = (given: object) =>
  wiredValue((w) => w.add("guidegraph/take-samples", { tensor: w.tensor(rows), ...given }).out("tensor"));

test("Take Samples takes neighbours, and refuses those that are not there", async () => {
  expect(await taken({})).toEqual(samples([1, 2]));
  expect(await taken({ first: 1, count: 3 })).toEqual(samples([3, 4], [5, 6], [7, 8]));
  await expect(taken({ first: 4 })).rejects.toThrow("first: Cannot take sample 4: the batch has samples 0 to 3");
  await expect(taken({ first: 2, count: 3 })).rejects.toThrow(
    "count: Cannot take 3 samples from 2 on: the batch has samples 0 to 3",
  );
  const computed = wiredValue((w) => {
    const first = w.add("guidegraph/arithmetic", { a: 7, operation: "add", b: 0 }).out("number");
    return w.add("guidegraph/take-samples", { tensor: w.tensor(rows), first }).out("tensor");
  });
  await expect(computed).rejects.toThrow("Cannot take sample 7");
});

test("a loop reads what another one collected, in the order in which it wants it", async () => {
  const found = await wiredValue((w) => {
    const schedule = w.add("guidegraph/diffusion-schedule", { timestep_respacing: "4" }).out("schedule");
    const up = w.loop("Store", { schedule, order: "up", x: w.tensor(samples([1, 2], [3, 4])) }, (inner) => {
      const x = inner.input("x", "tensor");
      const kept = { tensor: x, before: inner.input("path", "tensor") };
      inner.output("path", "tensor", inner.add("guidegraph/collect", kept).out("tensor"));
      inner.output("x", "tensor", inner.add("guidegraph/scale", { tensor: x, scale: 10 }).out("tensor"));
    });
    // x is 1, 10, 100, 1000 times what it was, by index; each digit of the sum is one step's.
    const down = w.loop("Read", { schedule, path: up.out("path"), sum: w.tensor(samples([0, 0], [0, 0])) }, (inner) => {
      const at = { formula: "2 * index", step: inner.input("step", "step") };
      const first = inner.add("guidegraph/number-formula", at).out("number");
      const stored = { tensor: inner.input("path", "tensor"), first, count: 2 };
      const b = inner.add("guidegraph/take-samples", stored).out("tensor");
      const weight_b = inner.add("guidegraph/step-value", { step: inner.input("step", "step") }).out("taken");
      inner.output(
        "sum",
        "tensor",
        inner.add("guidegraph/add", { a: inner.input("sum", "tensor"), b, weight_b }).out("tensor"),
      );
    });
    return down.out("sum");
  });
  // Index 3 is taken first: 0 · 1000 + 1 · 100 + 2 · 10 + 3 · 1.
  expect(found).toEqual(samples([123, 246], [369, 492]));
});
