/** A loop that climbs without making x noisier is told before it runs, and no other. */
import { expect, test } from "vitest";
import { survey } from "../../executor/index.ts";
import { documentBuilder, type InnerBuilder, type Wire } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { fakeKnown } from "../support/fake-context.ts";

type Step = (inner: InnerBuilder, given: Readonly<Record<"x" | "step" | "noise" | "prediction", Wire>>) => Wire;
type Before = (inner: InnerBuilder, given: Readonly<Record<"x" | "step" | "noise", Wire>>) => Wire;

const asItCame: Before = (_, { x }) => x;
const renoised: Before = (inner, given) => inner.add("guidegraph/renoise", given).out("x");
const ddim: Step = (inner, { prediction }) => inner.add("guidegraph/ddim-step", { prediction }).out("x");
const reversed: Step = (inner, { prediction }) => inner.add("guidegraph/ddim-reverse-step", { prediction }).out("x");

function asked(inner: InnerBuilder, x: Wire, step: Wire) {
  const { out } = inner.add("guidegraph/predict", { model: inner.input("model", "model"), x, step });
  return inner.add("guidegraph/mean-variance", { model_output: out("model_output"), x, step });
}

/** With the prediction that x is x₀. */
function itself(inner: InnerBuilder, x: Wire, step: Wire) {
  inner.input("model", "model");
  const pred_xstart = inner.add("guidegraph/take-as", { tensor: x, meaning: "x0" }).out("tensor");
  return inner.add("guidegraph/prediction-from-x0", { pred_xstart, x, step });
}

function notesOf(typed: string, before: Before, after: Step, model = true, isElsewhere = false): string[] {
  const b = documentBuilder(nodes);
  const order = isElsewhere ? b.add("guidegraph/text", { value: typed }).out("text") : typed;
  const network = b.add("guidegraph/load-unet", { file: "unet.pt" }).out("model");
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
  const noise = b.add("guidegraph/gaussian-noise", { model: network, batch: 2 });
  // How noisy x is at first is another matter.
  const x = b.add("guidegraph/scale", { tensor: noise.out("x_T"), scale: 2 }).out("tensor");
  const given = { schedule, order, x, noise: noise.out("noise"), model: network };
  const loop = b.loop("Down", given, (inner) => {
    const [step, stream] = [inner.input("step", "step"), inner.input("noise", "noise")];
    const x = before(inner, { x: inner.input("x", "tensor"), step, noise: stream });
    const made = model ? asked(inner, x, step) : itself(inner, x, step);
    inner.output("x", "tensor", after(inner, { x, step, noise: stream, prediction: made.out("prediction") }));
  });
  b.add("guidegraph/save-tensor", { tensor: loop.out("x") });
  const { problems, notes } = survey(b.document(), nodes, fakeKnown());
  expect(problems).toEqual([]);
  return notes.map(({ message, port }) => `${port}: ${message}`);
}

const note = (climb: string) =>
  `order: Where its order climbs (${climb}) x stays as it came, less noisy than the network is told: if that is not meant, let a Renoise make it noisier`;

test.each([
  ["9..0", []],
  ["down", []],
  ["9, 4.5, 2, x0", []],
  ["noise_level: 4, 2, 0.5", []],
  ["lambda: -1, 0, 1, x0", []],
  ["9..5, 7..0", [note("from 5 to 7")]],
  ["9..1x2, 0", [note("from 9 to 9")]],
  ["9..5*3", [note("from 5 to 9")]],
  ["lambda: 0, -1", [note("from 0 to -1")]],
  ["noise_level: 1, 2", [note("from 1 to 2")]],
  ["9, x0, 3", [note("from x0 to 3")]],
  ["0..9", [note("from 0 to 1")]],
  ["up", [note("it goes up")]],
])("%s", (order, notes) => {
  expect(notesOf(order, asItCame, ddim)).toEqual(notes);
  expect(notesOf(order, asItCame, ddim, true, true)).toEqual(notes);
  expect(notesOf(order, renoised, ddim)).toEqual([]);
});

test("an order that cannot be read climbs nowhere where a wire gives it, and stops the run", () => {
  const note = 'order: A run will stop here: It must be "down", "up"';
  expect(notesOf("nowhere", asItCame, ddim, true, true)).toEqual([expect.stringContaining(note)]);
});

test("inversion climbs by its own step, and a loop without a network tells none of any noise", () => {
  expect(notesOf("up", asItCame, reversed)).toEqual([]);
  expect(notesOf("0..9", asItCame, reversed)).toEqual([]);
  expect(notesOf("9..5*3", asItCame, ddim, false)).toEqual([]);
});
