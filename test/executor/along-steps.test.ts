/** What turns with a loop's step as it is wired, and does not turn, is told before a run. */
import { expect, test } from "vitest";
import { survey } from "../../executor/index.ts";
import { documentBuilder, type InnerBuilder, type Wire } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { fakeKnown } from "../support/fake-context.ts";

type Body = (inner: InnerBuilder, given: { readonly x: Wire; readonly step: Wire; readonly rows: Wire }) => Wire;

/** The body, in a loop of three steps around a loop of ten. */
const within =
  (body: Body): Body =>
  (outer, { x, rows }) => {
    const inner = outer.loop("L", { schedule: rows, rows, order: "down", x }, (inner) => {
      const [x, step, rows] = [
        inner.input("x", "tensor"),
        inner.input("step", "step"),
        inner.input("rows", "schedule"),
      ];
      inner.output("x", "tensor", body(inner, { x, step, rows }));
    });
    return inner.out("x");
  };

/** What is said of a loop of ten steps that carries a tensor through this body. */
function notesOf(body: Body, order = "down", title = "L"): string[] {
  const b = documentBuilder(nodes);
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
  const x = b.add("guidegraph/gaussian-noise", { batch: 2, height: 8, width: 8, channels: 3 }).out("x_T");
  const loop = b.loop(title, { schedule, rows: schedule, order, x }, (inner) => {
    const [x, step, rows] = [inner.input("x", "tensor"), inner.input("step", "step"), inner.input("rows", "schedule")];
    inner.output("x", "tensor", body(inner, { x, step, rows }));
  });
  b.add("guidegraph/save-tensor", { tensor: loop.out("x") });
  const { problems, notes } = survey(b.document(), nodes, fakeKnown());
  expect(problems).toEqual([]);
  return notes.map(({ port, message }) => `${port}: ${message}`);
}

const scaled = (inner: InnerBuilder, tensor: Wire, scale: Wire) =>
  inner.add("guidegraph/scale", { tensor, scale }).out("tensor");
const interval =
  (set: object): Body =>
  (inner, { x, step }) =>
    scaled(inner, x, inner.add("guidegraph/step-interval", { step, ...set }).out("condition"));
const number =
  (formula: string): Body =>
  (inner, { x, step }) =>
    scaled(inner, x, inner.add("guidegraph/number-formula", { formula, a: 2, step }).out("number"));
const tensor =
  (formula: string): Body =>
  (inner, { x, step }) =>
    inner.add("guidegraph/formula", { formula, a: x, step }).out("tensor");
const choice =
  (formula: string): Body =>
  (inner, { x, step }) => {
    const value = inner.add("guidegraph/step-value", { step }).out("progress");
    const condition = inner.add("guidegraph/number-formula", { formula, a: value }).out("number");
    return inner.add("guidegraph/switch", { condition, a: scaled(inner, x, value), b: x }).out("tensor");
  };
const picked =
  (formula: string): Body =>
  (inner, { x, step, rows }) => {
    const index = inner.add("guidegraph/number-formula", { formula, step }).out("number");
    const other = inner.add("guidegraph/schedule-step", { schedule: rows, index }).out("step");
    return scaled(inner, x, inner.add("guidegraph/step-value", { step: other }).out("sigma"));
  };

const of = "of the 10 steps of “L”";

const rows: [string, Body, string | undefined, string?][] = [
  [
    "an interval of t whose ends were left for progress",
    interval({ measure: "t" }),
    `to: It chooses 1 ${of}: t goes from 900 to 0 there, and from 0 to 1 is in t`,
  ],
  [
    "of a loop that has no such t",
    interval({ measure: "t" }),
    "to: It chooses none of the 5 steps of “L”: t goes from 900 to 500 there, and none of them lies from 0 to 1",
    "9..5",
  ],
  [
    "of noise above all",
    interval({ measure: "noise_level", from: 200, to: 300 }),
    `to: It chooses none ${of}: noise_level goes from`,
  ],
  [
    "of λ below all",
    interval({ measure: "lambda", from: -90, to: -20 }),
    `to: It chooses none ${of}: lambda goes from`,
  ],
  ["between two steps", interval({ measure: "t", from: 410, to: 490 }), `to: It chooses none ${of}`],
  [
    "of all of them",
    interval({ measure: "index", from: 0, to: 9 }),
    `to: It chooses each ${of}: index goes from 9 to 0 there`,
  ],
  [
    "of which no k-th lies within",
    interval({ from: 0.15, to: 0.5, every: 7 }),
    `every: It chooses none ${of}: every 7 steps from the first, none lies from 0.15 to 0.5: widen them, or lower every`,
  ],
  [
    "every k-th of fewer",
    interval({ every: 10 }),
    `every: It chooses the first alone ${of}: every 10 steps from it there is no other, so lower every`,
  ],
  ["all by default", interval({}), undefined],
  ["some", interval({ measure: "t", from: 200, to: 700 }), undefined],
  ["every third", interval({ every: 3 }), undefined],
  ["all of one step", interval({ measure: "t" }), undefined, "9"],
  [
    "a curve beyond the steps",
    number("a * curve(t, 1000, 1, 2000, 3)"),
    `formula: It is 2 in each ${of}, although it reads t: t goes from 900 to 0 there`,
  ],
  ["a curve within them", number("a * curve(t, 100, 1, 2000, 3)"), undefined],
  ["a comparison that never turns", number("progress > 1 ? 3 : a"), "formula: It is 2 in each"],
  ["what reads only how many there are", number("a / steps"), undefined],
  [
    "a curve in a formula of tensors",
    tensor("a * curve(progress, 2, 0.1, 3, 1)"),
    "formula: A part of its formula is 0.1 in each",
  ],
  ["a comparison of tensors", tensor("a * (progress > 0.5) + (a > progress)"), undefined],
  [
    "a choice that is one throughout",
    choice("a > 2"),
    `condition: In none ${of} does its condition choose what is wired to a`,
  ],
  ["the other one", choice("a > -1"), `condition: In none ${of} does its condition choose what is wired to b`],
  ["a choice that turns", choice("a > 0.5"), undefined],
  [
    "a step that is not there",
    picked("index + 1"),
    "index: In step 1 of the 10 of “L” a run that needs it will stop: ",
  ],
  ["a step that is there", picked("min(index + 1, 9)"), undefined],
  [
    "a formula without a result",
    number("log(progress - 0.5)"),
    "formula: In step 1 of the 10 of “L” a run that needs it will stop: ",
  ],
];

test.each<[string, Body, string | undefined, string?]>(rows)("%s", (_, body, note, order) =>
  expect(notesOf(body, order)).toEqual(note === undefined ? [] : [expect.stringContaining(note)]),
);

test.each<[string, Body, string | undefined, string?]>(rows.filter(([, , , order]) => order === undefined))(
  "%s, in a loop within another",
  (_, body, note) =>
    expect(notesOf(within(body), "2..0", "Around")).toEqual(note === undefined ? [] : [expect.stringContaining(note)]),
);

test.each<[string, "before" | "after" | undefined, boolean]>([
  ["nothing", undefined, true],
  ["what the loop carries", "before", false],
  ["an input of the loop that no output hands on", "after", true],
])("an average to which %s is wired is told where it is as in its first step", (_, output, isTold) => {
  const found = notesOf((inner, { x }) => {
    const before = output && { before: inner.input("before", "tensor") };
    const mean = inner.add("guidegraph/moving-average", { tensor: x, ...before }).out("tensor");
    if (output) inner.output(output, "tensor", mean);
    return mean;
  });
  const note = "before: Nothing is wired to before, so every step of “L” is as its first";
  expect(found).toEqual(isTold ? [expect.stringContaining(note)] : []);
});

test("the prediction of this step is none that the step before handed on", () => {
  const found = notesOf((inner, { x, step }) => {
    const pred_xstart = inner.add("guidegraph/take-as", { tensor: x, meaning: "x0" }).out("tensor");
    const prediction = inner.add("guidegraph/prediction-from-x0", { pred_xstart, x, step }).out("prediction");
    return inner.add("guidegraph/dpm-solver-step", { prediction, previous: prediction }).out("x");
  });
  expect(found).toEqual([
    expect.stringContaining("previous: What is wired to previous is what is wired to prediction"),
  ]);
});

test.each([
  ["x", "down", false],
  ["y", "down", true],
  ["y", "9", false],
])("a loop that takes x in and gives %s, order %s", (name, order, isTold) => {
  const b = documentBuilder(nodes);
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
  const x = b.add("guidegraph/gaussian-noise", { batch: 2, height: 8, width: 8, channels: 3 }).out("x_T");
  const loop = b.loop("L", { schedule, order, x }, (inner) => {
    const scale = inner.add("guidegraph/step-value", { step: inner.input("step", "step") }).out("sigma");
    inner.output(name, "tensor", scaled(inner, inner.input("x", "tensor"), scale));
  });
  b.add("guidegraph/save-tensor", { tensor: loop.out(name) });
  const { notes } = survey(b.document(), nodes, fakeKnown());
  const note = "No step goes on from what the one before it made, so of its 10 steps the last alone counts";
  expect(notes.map(({ message }) => message)).toEqual(isTold ? [expect.stringContaining(note)] : []);
});

test("a number that is typed elsewhere turns nothing, and is no matter of steps", () => {
  expect(
    notesOf((inner, { x }) => {
      const condition = inner.add("guidegraph/number", { value: 0 }).out("number");
      return inner.add("guidegraph/switch", { condition, a: scaled(inner, x, condition), b: x }).out("tensor");
    }),
  ).toEqual([]);
});

test("what turns with the steps of the loop around too is not told, and a loop whose steps differ there neither", () => {
  const inside = (set: (outer: InnerBuilder, step: Wire) => Readonly<Record<string, Wire>>) =>
    notesOf(
      (outer, { x, step, rows }) =>
        outer
          .loop("Inner", { schedule: rows, order: "down", x, ...set(outer, step) }, (inner) => {
            const [x, step] = [inner.input("x", "tensor"), inner.input("step", "step")];
            const formula = "a + progress > 5";
            const a = inner.input("a", "number");
            const condition = inner.add("guidegraph/number-formula", { formula, a, step }).out("number");
            const either = { condition, a: scaled(inner, x, a), b: x };
            inner.output("x", "tensor", inner.add("guidegraph/switch", either).out("tensor"));
          })
          .out("x"),
      "2..0",
      "Around",
    );
  const number = (outer: InnerBuilder, value: number) => outer.add("guidegraph/number", { value }).out("number");
  const index = (outer: InnerBuilder, step: Wire) => outer.add("guidegraph/step-value", { step }).out("index");
  expect(inside((outer) => ({ a: number(outer, 2) }))).toEqual([expect.stringContaining("of “Inner”")]);
  expect(inside((outer, step) => ({ a: index(outer, step) }))).toEqual([]);
  expect(inside((outer, step) => ({ a: number(outer, 2), start: index(outer, step) }))).toEqual([]);
});
