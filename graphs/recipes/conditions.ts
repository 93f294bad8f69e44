/** Examples in which a condition decides what is computed: what is not needed in a step costs nothing in it. */
import type { GraphDocument } from "../document/index.ts";
import { everyShape, finish, guidance, insert, noiseFor, shapes, start } from "./parts.ts";

const interval =
  "Guidance in a limited interval of noise levels (Kynkäänniemi et al. 2024, arXiv:2404.07724): outside of From … To, in " +
  "noise per signal (EDM's σ), the classifier is not asked at all. Open the sampler: Switch Prediction asks for the guided " +
  "prediction only where Step Interval says 1. The card of Guidance Gradient tells in how many steps that was.";

function guidanceInterval(): GraphDocument {
  const begun = start(
    "Guidance interval",
    "Guided DDIM whose classifier is asked in the middle of sampling alone: in the other steps its gradient is not computed.",
    "ddim25",
  );
  const { b, model, schedule } = begun;
  const { labels, cond_fn } = guidance(begun, { file: shapes, classes: everyShape, scale: 22 });
  const noise = noiseFor(begun, { labels });
  const given = { schedule, x: noise.out("x_T"), model, cond_fn, noise: noise.out("noise"), from: 1, to: 10 };
  const x = insert(b, "interval-ddim", given);
  b.add("guidegraph/note", { text: interval });
  return finish(b, x, "guidance-interval", labels);
}

const reuse =
  "The gradient is carried from step to step, and asked for anew in every k-th: k is Every of Step Interval, inside the loop. " +
  "In the steps between, Switch hands on the last one and the classifier is not called.";

function gradientReuse(): GraphDocument {
  const begun = start(
    "Gradient reuse",
    "Guided DDIM whose gradient is computed in every other step and used twice: half of the classifier's calls.",
    "ddim50",
  );
  const { b, model, schedule } = begun;
  const { labels, cond_fn } = guidance(begun, { file: shapes, classes: everyShape, scale: 22 });
  const noise = noiseFor(begun, { labels });
  const loop = b.loop("DDIM, gradient reused", { schedule, x: noise.out("x_T"), model, cond_fn }, (inner) => {
    const [x, step] = [inner.input("x", "tensor"), inner.input("step", "step")];
    const network = inner.input("model", "model");
    const model_output = inner.add("guidegraph/predict", { model: network, x, step }).out("model_output");
    const prediction = inner.add("guidegraph/mean-variance", { model_output, x, step }).out("prediction");
    const asked = { cond_fn: inner.input("cond_fn", "cond_fn"), x, step };
    const anew = inner.add("guidegraph/guidance-gradient", asked).out("gradient");
    const condition = inner.add("guidegraph/step-interval", { step, every: 2 }).out("condition");
    const carried = inner.input("gradient", "tensor");
    const gradient = inner.add("guidegraph/switch", { condition, a: anew, b: carried }, "Anew or again").out("tensor");
    const guided = inner.add("guidegraph/condition-score", { prediction, gradient }).out("prediction");
    inner.output("x", "tensor", inner.add("guidegraph/ddim-step", { prediction: guided }).out("x"));
    inner.output("gradient", "tensor", gradient);
  });
  b.add("guidegraph/note", { text: reuse });
  return finish(b, loop.out("x"), "gradient-reuse", labels);
}

export const conditions: Readonly<Record<string, () => GraphDocument>> = {
  "guidance-interval": guidanceInterval,
  "gradient-reuse": gradientReuse,
};
