import { describe, expect, test } from "vitest";
import { survey } from "../../executor/index.ts";
import { documentBuilder, type InnerBuilder, type Wire } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { fakeKnown } from "../support/fake-context.ts";

interface Given {
  readonly x: Wire;
  readonly step: Wire;
  readonly noise: Wire;
  readonly other: Wire;
}

/** What is said of a loop with this body. */
function notesOf(body: (inner: InnerBuilder, given: Given) => Wire, otherStream = 0): string[] {
  const b = documentBuilder(nodes);
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
  const size = { batch: 2, height: 8, width: 8, channels: 3 };
  const noise = b.add("guidegraph/gaussian-noise", size);
  const other = b.add("guidegraph/gaussian-noise", { ...size, stream: otherStream }).out("noise");
  const given = { schedule, x: noise.out("x_T"), noise: noise.out("noise"), other };
  const loop = b.loop("L", given, (inner) => {
    const [x, step] = [inner.input("x", "tensor"), inner.input("step", "step")];
    const streams = { noise: inner.input("noise", "noise"), other: inner.input("other", "noise") };
    inner.output("x", "tensor", body(inner, { x, step, ...streams }));
  });
  b.add("guidegraph/save-tensor", { tensor: loop.out("x") });
  const { problems, notes } = survey(b.document(), nodes, fakeKnown());
  expect(problems).toEqual([]);
  return notes.map(({ message, path, port }) => `${path}, ${port}: ${message}`);
}

const drawn = (inner: InnerBuilder, noise: Wire, step: Wire) =>
  inner.add("guidegraph/draw-noise", { noise, step }).out("eps");
const added = (inner: InnerBuilder, a: Wire, b: Wire) => inner.add("guidegraph/add", { a, b }).out("tensor");
/** A step of the sampler with the prediction that x is x₀. */
const stepped = (inner: InnerBuilder, type: "ddpm" | "ddim", { x, step, noise }: Given, eta?: number | Wire) => {
  const clean = inner.add("guidegraph/take-as", { tensor: x, meaning: "x0" }).out("tensor");
  const prediction = inner.add("guidegraph/prediction-from-x0", { pred_xstart: clean, x, step }).out("prediction");
  const set = { prediction, noise };
  return type === "ddpm"
    ? inner.add("guidegraph/ddpm-step", set).out("x")
    : inner.add("guidegraph/ddim-step", { ...set, ...(eta !== undefined && { eta }) }).out("x");
};
const same = (title: string) =>
  `It draws the very noise that “${title}” draws: if that is not meant, give one of them a Gaussian Noise of another stream`;

const cases: readonly [string, (inner: InnerBuilder, given: Given) => Wire, string[], number?][] = [
  [
    "two Draw Noise of one step",
    (inner, { noise, step }) => added(inner, drawn(inner, noise, step), drawn(inner, noise, step)),
    [same("Draw Noise")],
  ],
  [
    "Draw Noise beside the sampler's step, which is the prediction's",
    (inner, given) => added(inner, drawn(inner, given.noise, given.step), stepped(inner, "ddpm", given)),
    [same("Draw Noise")],
  ],
  [
    "a DDIM step that draws",
    (inner, given) => added(inner, drawn(inner, given.noise, given.step), stepped(inner, "ddim", given, 0.5)),
    [same("Draw Noise")],
  ],
  [
    "a DDIM step that draws as much as a wire says",
    (inner, given) => {
      const eta = inner.add("guidegraph/number", { value: 1 }).out("number");
      return added(inner, drawn(inner, given.noise, given.step), stepped(inner, "ddim", given, eta));
    },
    [same("Draw Noise")],
  ],
  [
    "a DDIM step that does not",
    (inner, given) => added(inner, drawn(inner, given.noise, given.step), stepped(inner, "ddim", given)),
    [],
  ],
  [
    "another noise of the same numbers",
    (inner, { noise, other, step }) => added(inner, drawn(inner, noise, step), drawn(inner, other, step)),
    [same("Draw Noise")],
  ],
  [
    "another stream",
    (inner, { noise, other, step }) => added(inner, drawn(inner, noise, step), drawn(inner, other, step)),
    [],
    1,
  ],
  [
    "a step and its neighbour",
    (inner, { noise, step }) => {
      const earlier = inner.add("guidegraph/neighbouring-steps", { step }).out("earlier");
      return added(inner, drawn(inner, noise, step), drawn(inner, noise, earlier));
    },
    [],
  ],
  [
    "a loop inside, which has draws of its own",
    (inner, given) => {
      const schedule = inner.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
      const loop = inner.loop("Inner", { schedule, x: given.x, noise: given.noise }, (body) => {
        const at = { noise: body.input("noise", "noise"), step: body.input("step", "step") };
        body.output("x", "tensor", added(body, body.input("x", "tensor"), drawn(body, at.noise, at.step)));
      });
      return added(inner, drawn(inner, given.noise, given.step), loop.out("x"));
    },
    [],
  ],
  [
    "a loop inside that is as long as its turn says",
    (inner, given) => {
      const schedule = inner.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
      const start = inner.add("guidegraph/step-value", { step: given.step }).out("index");
      const loop = inner.loop("Inner", { schedule, start, x: given.x, noise: given.noise }, (body) => {
        const at = { noise: body.input("noise", "noise"), step: body.input("step", "step") };
        body.output("x", "tensor", added(body, body.input("x", "tensor"), drawn(body, at.noise, at.step)));
      });
      return loop.out("x");
    },
    [
      "How many steps it takes may change from turn to turn of the loop around it, and then turns may share draws: type its order, start and stop if that is not meant",
    ],
  ],
];

describe("equal draws", () => {
  test.each(cases)("%s", (_, body, expected, stream) => {
    expect(notesOf(body, stream).map((note) => note.replace(/^[\d/]+, \w+: /, ""))).toEqual(expected);
  });
});
