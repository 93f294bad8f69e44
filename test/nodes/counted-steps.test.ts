/** A loop that goes so many times, of no process: its numbers and draws are there, its noise is nowhere. */
import { lastValueFrom, toArray } from "rxjs";
import { expect, test } from "vitest";
import { countedSteps, type Tensor } from "../../diffusion/index.ts";
import { plan, run, survey } from "../../executor/index.ts";
import { documentBuilder, type InnerBuilder, type Wire } from "../../graphs/document/index.ts";
import { type AnyNode, isStructure, nodes, type Ports, type Registry } from "../../nodes/index.ts";
import { fakeContext, fakeKnown } from "../support/fake-context.ts";
import { samples, wiredValue } from "../support/wired-values.ts";

const counted = (b: Pick<InnerBuilder, "add">, count: number | Wire): Wire =>
  b.add("guidegraph/counted-steps", { count }).out("schedule");
const formula = (b: Pick<InnerBuilder, "add">, text: string, given: Readonly<Record<string, Wire>>): Wire =>
  b.add("guidegraph/formula", { formula: text, ...given }).out("tensor");

/** x after a loop that puts `text` in its place. */
const looped = async (text: string, given: Readonly<Record<string, unknown>> = {}, count = 4): Promise<number> => {
  const value = (await wiredValue((w) => {
    const loop = w.loop("Count", { schedule: counted(w, count), x: w.tensor(samples([0])), ...given }, (inner) => {
      const read = { a: inner.input("x", "tensor"), step: inner.input("step", "step") };
      inner.output("x", "tensor", formula(inner, text, read));
    });
    return w.add("guidegraph/scale", { tensor: loop.out("x") }).out("tensor");
  })) as Tensor;
  return value.data[0];
};

test.each<[string, object, number, number]>([
  ["a + 0 * taken + 1", {}, 4, 4],
  ["10 * a + taken", {}, 4, 123],
  ["10 * a + index", {}, 4, 3210],
  ["10 * a + index", { order: "up" }, 4, 123],
  ["10 * a + index", { order: "2, 2, 0" }, 4, 220],
  ["a + progress", {}, 3, 1.5],
  ["a + steps + count", {}, 1, 2],
  ["a + steps", { start: 1 }, 4, 4],
])("“%s” with %o over %i comes to %d", async (text, given, count, expected) => {
  expect(await looped(text, given as Readonly<Record<string, unknown>>, count)).toBeCloseTo(expected, 5);
});

test("a wire may say how many, and each step is told of as it ends", async () => {
  const b = documentBuilder(nodes);
  const count = b.add("guidegraph/arithmetic", { a: 2, b: 3, operation: "add" }).out("number");
  const x = b.add("guidegraph/gaussian-noise", { batch: 1, channels: 3, height: 4, width: 4 }).out("x_T");
  const loop = b.loop("Count", { schedule: counted(b, count), x }, (inner) =>
    inner.output("x", "tensor", inner.add("guidegraph/scale", { tensor: inner.input("x", "tensor") }).out("tensor")),
  );
  b.add("guidegraph/save-tensor", { tensor: loop.out("x") });
  const planned = plan(b.document(), nodes, fakeKnown());
  expect(planned.notes ?? []).toEqual([]);
  expect(planned.steps).toContainEqual(expect.objectContaining({ is: "loop", count: 5 }));
  const world = { ...fakeContext(), outputs: () => fakeContext().outputs };
  const events = await lastValueFrom(run(planned, world).pipe(toArray()));
  expect(events.flatMap((event) => (event.type === "step" ? [[event.index, event.count]] : []))).toEqual(
    Array.from({ length: 5 }, (_, index) => [index, 5]),
  );
});

/** What is wrong with a node in a counted loop, at its own ports. */
function problemsOf(type: string, set: Readonly<Record<string, unknown>>, way: "loop" | "differentiate" | "picked") {
  const b = documentBuilder(nodes);
  const schedule = counted(b, 3);
  const x = b.add("guidegraph/gaussian-noise", { batch: 1, channels: 3, height: 4, width: 4 }).out("x_T");
  if (way === "picked")
    b.add(type, { step: b.add("guidegraph/schedule-step", { schedule, index: 1 }).out("step"), ...set }, "Asked");
  else
    b.loop("Count", { schedule, x }, (inner) => {
      const step = inner.input("step", "step");
      if (way === "loop") inner.add(type, { step, ...set }, "Asked");
      else
        inner.differentiate(
          "D",
          { step },
          (deep) => void deep.add(type, { step: deep.input("step", "step"), ...set }, "Asked"),
        );
      inner.output("x", "tensor", inner.input("x", "tensor"));
    });
  return survey(b.document(), nodes, fakeKnown()).problems.map(({ message, port }) => `${port}: ${message}`);
}

const asking = Object.values(nodes as Registry).flatMap((entry): AnyNode[] =>
  !isStructure(entry) && (entry.inputs as Ports).step ? [entry] : [],
);
const ways = ["loop", "differentiate", "picked"] as const;

test.each(asking.flatMap((entry) => ways.map((way) => [entry.title, way, entry] as const)))(
  "%s is refused a counted step in a %s, or asks for no noise of it",
  (_, way, { type, inputs }) => {
    const told = problemsOf(type, {}, way).some((message) => message.startsWith("step: It needs to know how noisy"));
    expect(told).toBe(!(inputs as Ports).step.counted);
  },
);

test("those that may have one are few", () => {
  const may = asking.filter(({ inputs }) => (inputs as Ports).step.counted);
  expect(may.map(({ title }) => title)).toEqual([
    ...["Draw Noise", "Resample", "Formula", "Number Formula", "Step Interval"],
  ]);
});

test.each([
  ["guidegraph/number-formula", { formula: "alpha_bar" }, "formula: A counted step has no alpha_bar"],
  ["guidegraph/number-formula", { formula: "taken" }, undefined],
  ["guidegraph/step-interval", { measure: "noise_level" }, "measure: A counted step has no noise_level"],
  ["guidegraph/step-interval", { measure: "taken", from: 1, to: 2 }, undefined],
])("%s, %o", (type, set, expected) => {
  const told = problemsOf(type, set, "loop").find((message) => message.includes("counted step"));
  if (expected === undefined) expect(told).toBeUndefined();
  else expect(told).toContain(expected);
});

test("an order by noise, a count that is none and a step that is not there are refused", async () => {
  await expect(looped("a", { order: "noise_level: 3, 1" })).rejects.toThrow("Cannot tell the noise_level of a counted");
  await expect(looped("a", { order: "7, 1" })).rejects.toThrow("The index 7 lies outside the schedule");
  expect(() => countedSteps(0)).toThrow("give a whole number from 1");
  expect(() => countedSteps(3).at(1).at).toThrow("Cannot tell the noise of a counted step");
});

test("a loop in a loop draws anew in each turn", () => {
  const draws = [0, 1].flatMap((turn) =>
    countedSteps(3)
      .along([2, 1, 0], { number: 0, turn })
      .map(({ draw }) => draw),
  );
  expect(new Set(draws).size).toBe(6);
});
