import { expect, test } from "vitest";
import { lambda, type Step, schedule } from "../../diffusion/index.ts";
import { survey } from "../../executor/index.ts";
import { documentBuilder, type LevelBuilder, type Wire } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { fakeKnown } from "../support/fake-context.ts";
import { added, drawn, same } from "./drawing-nodes.ts";

/** A schedule of ten rows, and a node that picks one of its steps. */
type Picks = (b: LevelBuilder, schedule: Wire) => Wire;

const pick =
  (index: number | ((b: LevelBuilder) => Wire), measure = "index"): Picks =>
  (b, schedule) =>
    b
      .add("guidegraph/schedule-step", { schedule, measure, index: typeof index === "number" ? index : index(b) })
      .out("step");
const measured = (of: (step: Step) => number) => of(schedule({ timestepRespacing: "ddim10" }).at(7));
const sum = (a: number, b: number) => (level: LevelBuilder) =>
  level
    .add("guidegraph/arithmetic", {
      a: level.add("guidegraph/number", { value: a }).out("number"),
      b,
      operation: "add",
    })
    .out("number");
/** Of twenty rows the third, as 7 of ten is. */
const ofTwenty: Picks = (b) =>
  pick(17)(b, b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim20" }).out("schedule"));

const picks: readonly [string, Picks, boolean][] = [
  ["by index", pick(7), true],
  ["by an index that no step has", pick(8), false],
  [
    "by t",
    pick(
      measured(({ t }) => t),
      "t",
    ),
    true,
  ],
  [
    "by λ",
    pick(
      measured(({ at }) => lambda(at.alphaBar)),
      "lambda",
    ),
    true,
  ],
  [
    "by its noise level",
    pick(
      measured(({ at }) => Math.sqrt(1 / at.alphaBar - 1)),
      "noise_level",
    ),
    true,
  ],
  ["by a t between rows", pick(measured(({ t }) => t) - 5, "t"), false],
  ["by a wired index", pick((b) => b.add("guidegraph/number", { value: 7 }).out("number")), true],
  ["by an index that is computed", pick(sum(5, 2)), true],
  ["by another one that is computed", pick(sum(5, 3)), false],
  [
    "beside another that is picked",
    (b, s) => b.add("guidegraph/neighbouring-steps", { step: pick(8)(b, s) }).out("earlier"),
    true,
  ],
  ["of another schedule, whose draw has the same number", ofTwenty, true],
];

test.each(picks)("noise of a step that is picked %s, for a loop through 7..0", (_, made, isTold) => {
  const b = documentBuilder(nodes);
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
  const noise = b.add("guidegraph/gaussian-noise", { batch: 2, height: 8, width: 8, channels: 3 }).out("noise");
  const x = b.add("guidegraph/draw-noise", { noise, step: made(b, schedule) }).out("eps");
  const loop = b.loop("L", { schedule, order: "7..0", x, noise }, (inner) => {
    const at = { noise: inner.input("noise", "noise"), step: inner.input("step", "step") };
    inner.output("x", "tensor", added(inner, inner.input("x", "tensor"), drawn(inner, at.noise, at.step)));
  });
  b.add("guidegraph/save-tensor", { tensor: loop.out("x") });
  const { problems, notes } = survey(b.document(), nodes, fakeKnown());
  expect(problems).toEqual([]);
  const told = "It draws for a step that “L” takes too, and in that one “Draw Noise” draws the very same noise";
  expect(notes.map(({ message }) => message)).toEqual(isTold ? [expect.stringContaining(told)] : []);
});

test.each<[string, Picks, string | undefined]>([
  [
    "the same by t",
    pick(
      measured(({ t }) => t),
      "t",
    ),
    same("Draw Noise"),
  ],
  ["another", pick(6), undefined],
])("two steps that are picked, one by index and %s", (_, made, told) => {
  const b = documentBuilder(nodes);
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
  const noise = b.add("guidegraph/gaussian-noise", { batch: 2, height: 8, width: 8, channels: 3 }).out("noise");
  const [a, z] = [pick(7), made].map((one) =>
    b.add("guidegraph/draw-noise", { noise, step: one(b, schedule) }).out("eps"),
  );
  b.add("guidegraph/save-tensor", { tensor: b.add("guidegraph/add", { a, b: z }).out("tensor") });
  const { notes } = survey(b.document(), nodes, fakeKnown());
  expect(notes.map(({ message }) => message)).toEqual(told ? [told] : []);
});

/** In a loop, an index that follows its step. */
test.each<[string, string, string | undefined]>([
  ["min(index + 1, count - 1)", "9..5", "beside the loop's own"],
  ["index - index", "9..5", "In 4 of the steps of “L” it draws for a step for which it has drawn before"],
  ["floor(index / 2)", "9..8", "In 1 of the steps"],
  ["index", "9..5", "the very noise that “Draw Noise” draws"],
  ["index / 2 + 0.25", "9..5", undefined],
])("of a step that is picked in a loop, at %s in the order %s, is said: %s", (formula, order, told) => {
  const b = documentBuilder(nodes);
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
  const noise = b.add("guidegraph/gaussian-noise", { batch: 2, height: 8, width: 8, channels: 3 });
  const loop = b.loop(
    "L",
    { schedule, rows: schedule, order, x: noise.out("x_T"), noise: noise.out("noise") },
    (inner) => {
      const [stream, step] = [inner.input("noise", "noise"), inner.input("step", "step")];
      const index = inner.add("guidegraph/number-formula", { formula, step }).out("number");
      const other = inner
        .add("guidegraph/schedule-step", { schedule: inner.input("rows", "schedule"), index })
        .out("step");
      const both = added(inner, drawn(inner, stream, step), drawn(inner, stream, other));
      inner.output("x", "tensor", added(inner, inner.input("x", "tensor"), both));
    },
  );
  b.add("guidegraph/save-tensor", { tensor: loop.out("x") });
  const { problems, notes } = survey(b.document(), nodes, fakeKnown());
  expect(problems).toEqual([]);
  const ofDraws = notes.filter(({ port }) => port === "noise");
  expect(ofDraws.map(({ message }) => message)).toEqual(told ? [expect.stringContaining(told)] : []);
});

/** What is said of a draw for a step that its loop is given. */
test.each<[string, string, { readonly from: number; readonly to: number } | undefined, boolean]>([
  ["in every turn", "6..0", undefined, true],
  ["in some turns", "6..0", { from: 2, to: 3 }, true],
  ["in one turn", "6..0", { from: 2, to: 2 }, false],
  ["in a loop of one turn", "6", undefined, false],
])("noise of a step from outside, drawn %s, is told where it comes again", (_, order, interval, isTold) => {
  const b = documentBuilder(nodes);
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
  const noise = b.add("guidegraph/gaussian-noise", { batch: 2, height: 8, width: 8, channels: 3 });
  const given = { schedule, order, x: noise.out("x_T"), noise: noise.out("noise"), at: pick(7)(b, schedule) };
  const loop = b.loop("L", given, (inner) => {
    const [x, step] = [inner.input("x", "tensor"), inner.input("step", "step")];
    const a = drawn(inner, inner.input("noise", "noise"), inner.input("at", "step"));
    if (!interval) return inner.output("x", "tensor", added(inner, a, x));
    const condition = inner.add("guidegraph/step-interval", { step, measure: "index", ...interval }).out("condition");
    const next = inner.add("guidegraph/switch", { condition, a, b: x }).out("tensor");
    inner.output("x", "tensor", next);
  });
  b.add("guidegraph/save-tensor", { tensor: loop.out("x") });
  const { problems, notes } = survey(b.document(), nodes, fakeKnown());
  expect(problems).toEqual([]);
  const told =
    "It draws the very same noise in every step of “L”, since the step for which it draws comes from outside";
  expect(notes.map(({ message }) => message)).toEqual(isTold ? [expect.stringContaining(told)] : []);
});

test.each([
  ["lambda: -20, 0", "order", "Cannot take a step at lambda -20: the schedule goes from"],
  ["t: 950, 20", "order", "Cannot take a step at t 950: the schedule goes from 0 to 900"],
])("an order that leaves its schedule, %s, is refused before a run", (order, port, message) => {
  const b = documentBuilder(nodes);
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
  const x = b.add("guidegraph/gaussian-noise", { batch: 2, height: 8, width: 8, channels: 3 }).out("x_T");
  const loop = b.loop("L", { schedule, order, x }, (inner) => inner.output("x", "tensor", inner.input("x", "tensor")));
  b.add("guidegraph/save-tensor", { tensor: loop.out("x") });
  const { problems } = survey(b.document(), nodes, fakeKnown());
  expect(problems).toEqual([expect.objectContaining({ port, message: expect.stringContaining(message) })]);
});

test.each<[string, boolean]>([
  ["9..5", true],
  ["8.5, 6.5, 4.5", false],
  ["8.5, 7, 4.5", true],
  ["noise_level: 4, 2", false],
])("a neighbour of the loop's own step, in the order %s, is told: %s", (order, isTold) => {
  const b = documentBuilder(nodes);
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
  const noise = b.add("guidegraph/gaussian-noise", { batch: 2, height: 8, width: 8, channels: 3 });
  const loop = b.loop("L", { schedule, order, x: noise.out("x_T"), noise: noise.out("noise") }, (inner) => {
    const [noise, step] = [inner.input("noise", "noise"), inner.input("step", "step")];
    const earlier = inner.add("guidegraph/neighbouring-steps", { step }).out("earlier");
    const both = added(inner, drawn(inner, noise, step), drawn(inner, noise, earlier));
    inner.output("x", "tensor", added(inner, inner.input("x", "tensor"), both));
  });
  b.add("guidegraph/save-tensor", { tensor: loop.out("x") });
  const { notes } = survey(b.document(), nodes, fakeKnown());
  expect(notes.map(({ message }) => message)).toEqual(
    isTold ? [expect.stringContaining("It draws for a step beside the loop's own")] : [],
  );
});
