/** A loop that begins at another step than its x is as noisy as is told before a run, and no other. */
import { expect, test } from "vitest";
import { survey } from "../../executor/index.ts";
import { type DocumentBuilder, documentBuilder, type InnerBuilder, type Wire } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { fakeKnown } from "../support/fake-context.ts";

interface Given {
  readonly schedule: Wire;
  /** Pure noise. */
  readonly noise: Wire;
}
type Make = (b: DocumentBuilder, given: Given) => Wire;
type Set = Readonly<Record<string, string | number | Wire>>;

/** With the prediction that x is x₀. */
const stepped = (inner: InnerBuilder, type: string, x: Wire, step: Wire): Wire => {
  const pred_xstart = inner.add("guidegraph/take-as", { tensor: x, meaning: "x0" }).out("tensor");
  const prediction = inner.add("guidegraph/prediction-from-x0", { pred_xstart, x, step }).out("prediction");
  return inner.add(`guidegraph/${type}-step`, { prediction }).out("x");
};

const sampled = (b: DocumentBuilder, schedule: Wire, x: Wire, set: Set, type = "ddim"): Wire =>
  b
    .loop("L", { schedule, x, ...set }, (inner) =>
      inner.output("x", "tensor", stepped(inner, type, inner.input("x", "tensor"), inner.input("step", "step"))),
    )
    .out("x");

const noisy = (b: DocumentBuilder, { schedule, noise }: Given, index: number | Wire): Wire => {
  const eps = b.add("guidegraph/take-as", { tensor: noise, meaning: "eps" }).out("tensor");
  const x0 = b.add("guidegraph/take-as", { tensor: noise, meaning: "x0" }).out("tensor");
  const step = b.add("guidegraph/schedule-step", { schedule, index }).out("step");
  return b.add("guidegraph/add-noise", { x0, noise: eps, step }).out("x");
};

const pure: Make = (_, { noise }) => noise;
const added =
  (index: number): Make =>
  (b, given) =>
    noisy(b, given, index);
const addedBy =
  (value: number): Make =>
  (b, given) =>
    noisy(b, given, b.add("guidegraph/number", { value }).out("number"));
const after =
  (set: Set, type?: string): Make =>
  (b, given) =>
    sampled(b, given.schedule, noisy(b, given, Number(set.start)), set, type);
const calculated: Make = (b, given) =>
  b.add("guidegraph/scale", { tensor: noisy(b, given, 7), scale: 2 }).out("tensor");

const switched =
  (a: number, b: number, condition: number | "wired"): Make =>
  (builder, given) =>
    builder
      .add("guidegraph/switch", {
        ...{ a: noisy(builder, given, a), b: noisy(builder, given, b) },
        condition: condition === "wired" ? builder.add("guidegraph/number", { value: 0 }).out("number") : condition,
      })
      .out("tensor");
/** Of as many Switches, each between one wire and itself. */
const diamonds =
  (count: number, index: number): Make =>
  (b, given) => {
    const loop = b.loop("Number", { schedule: given.schedule }, (inner) =>
      inner.output("condition", "number", inner.add("guidegraph/number", { value: 0 }).out("number")),
    );
    const condition = loop.out("condition");
    let x = noisy(b, given, index);
    for (let i = 0; i < count; i++) x = b.add("guidegraph/switch", { a: x, b: x, condition }).out("tensor");
    return x;
  };

/** A loop whose steps are loops, each from 9 on, of which the last is given. */
const within =
  (order: string): Make =>
  (b, { schedule, noise }) =>
    b
      .loop("Outer", { schedule, x: noise, rows: schedule, order: "9, 9" }, (outer) => {
        const given = { schedule: outer.input("rows", "schedule"), x: outer.input("x", "tensor"), order };
        const inner = outer.loop("Inner", given, (one) =>
          one.output("x", "tensor", stepped(one, "ddim", one.input("x", "tensor"), one.input("step", "step"))),
        );
        outer.output("x", "tensor", inner.out("x"));
      })
      .out("x");

/** What is said of a loop that begins so, with an x that is made so. */
function notesOf(make: Make, set: Set | ((b: DocumentBuilder) => Set), timestep_respacing = "10"): string[] {
  const b = documentBuilder(nodes);
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing }).out("schedule");
  const noise = b.add("guidegraph/gaussian-noise", { batch: 2, height: 8, width: 8, channels: 3 }).out("x_T");
  const x = make(b, { schedule, noise });
  const end = sampled(b, schedule, x, typeof set === "function" ? set(b) : set);
  b.add("guidegraph/save-tensor", { tensor: end });
  const { problems, notes } = survey(b.document(), nodes, fakeKnown());
  expect(problems).toEqual([]);
  // That a solver with memory carries none here is another matter.
  return notes.flatMap(({ port, message }) => (port === "previous" ? [] : [`${port}: ${message}`]));
}

const at = (step: number | string, start: number) =>
  `start: x is at the level of step ${step}, and the loop begins at ${start}: begin at that level, or bring x to the level of ${start}`;

test.each<[string, Make, Set | ((b: DocumentBuilder) => Set), string | undefined, string?]>([
  ["pure noise at the end", pure, {}, undefined],
  ["close to the end", pure, { start: 8 }, undefined],
  ["in the middle", pure, { start: 5 }, "start: x is pure noise, and the loop begins at 5, which takes it for"],
  ["in a list", pure, { order: "2, 1, 0" }, "order: x is pure noise, and the loop begins at 2"],
  ["at the end of a schedule that has few steps", pure, {}, undefined, "ddim5"],
  ["of one that has none with noise", pure, {}, "start: x is pure noise, and the loop begins at 0, the noisiest", "1"],
  ["noise that was added at its step", added(4), { start: 4 }, undefined],
  ["at another", added(7), { start: 3 }, at(7, 3)],
  ["at one beside it", added(3), { start: 4 }, at(3, 4)],
  ["at one that a wire says", addedBy(7), { start: 3 }, at(7, 3)],
  [
    "where it begins by a wire",
    added(7),
    (b) => ({ start: b.add("guidegraph/number", { value: 3 }).out("number") }),
    at(7, 3),
  ],
  ["between two", added(4.5), { start: 4 }, at(4.5, 4)],
  ["between two in both", added(4.5), { order: "4.5, 2, x0" }, undefined],
  ["a loop before that leads there", after({ start: 9, stop: 5 }), { start: 4 }, undefined],
  ["one that skips some", after({ start: 9, stop: 5 }), { start: 2 }, at(4, 2)],
  ["one of DPM-Solver", after({ start: 9, stop: 5 }, "dpm-solver"), { start: 2 }, at(4, 2)],
  [
    "one that comes to the picture",
    after({ start: 9 }),
    { start: 5 },
    "start: x is a picture without noise, and the loop begins at 5",
  ],
  [
    "an inversion, one step beyond its last",
    after({ order: "up", start: 0, stop: 4 }, "ddim-reverse"),
    { start: 5 },
    undefined,
  ],
  ["an inversion, at its last", after({ order: "up", start: 0, stop: 4 }, "ddim-reverse"), { start: 4 }, at(5, 4)],
  ["all of an inversion", after({ order: "up", start: 0 }, "ddim-reverse"), {}, undefined],
  ["what was calculated", calculated, { start: 2 }, undefined],
  ["what a Switch takes", switched(7, 4, 1), { start: 4 }, at(7, 4)],
  ["what a Switch takes by a wire", switched(7, 4, "wired"), { start: 7 }, at(4, 7)],
  ["what a Switch does not take", switched(7, 4, 0), { start: 4 }, undefined],
  ["a loop of loops", within("9..5"), { start: 2 }, at(4, 2)],
  ["a loop of loops, where it leads", within("9..5"), { start: 4 }, undefined],
])("%s", (_, make, set, note, respacing) => {
  expect(notesOf(make, set, respacing)).toEqual(note === undefined ? [] : [expect.stringContaining(note)]);
});

// What a loop gives is not known before a run: both sides are followed. Looked at anew each time, these would take a minute.
test("Switches in a row double nothing", { timeout: 5000, retry: 0 }, () => {
  expect(notesOf(diamonds(22, 7), { start: 4 })).toContain(at(7, 4));
});

test("a start that a wire gives and no schedule has stops the run, and that is told before", () => {
  const set = (b: DocumentBuilder) => ({ start: b.add("guidegraph/number", { value: -1 }).out("number") });
  expect(notesOf(pure, set)).toEqual([
    expect.stringContaining("start: A run will stop here: The index -1 lies outside the schedule"),
  ]);
});
