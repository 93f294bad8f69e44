/** Examples in which a condition decides what is computed: what is not needed in a step costs nothing in it. */
import type { GraphDocument } from "../document/index.ts";
import { everyShape, finish, guidance, insert, noiseFor, shapes, start } from "./parts.ts";
import { laidOpen } from "./samplers.ts";

const interval =
  "Guidance in a limited interval of noise levels (Kynkäänniemi et al. 2024, arXiv:2404.07724): outside of From … To, in " +
  "noise per signal (EDM's σ), the classifier is not asked at all. Open the sampler: Switch Prediction asks for the guided " +
  "prediction only where Step Interval says 1. The card of Guidance Gradient tells in how many steps that was. Of 128 pictures 0.93 " +
  "show the wanted shape at a Fréchet distance of 32 [17, 54]; asked in all steps at this scale 0.97 at 60 [36, 91], at scale 12 0.91 " +
  "at 37 [21, 55].";

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
  "The gradient is carried from step to step, and asked for anew in every k-th: k is Every. " +
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
  const every = b.add("guidegraph/number", { value: 2 }, "Every").out("number");
  const given = { schedule, x: noise.out("x_T"), model, cond_fn, every };
  const x = laidOpen(b, "reusing-ddim", given, "DDIM, gradient reused");
  b.add("guidegraph/note", { text: reuse });
  return finish(b, x, "gradient-reuse", labels);
}

const curve =
  "The gradient of each step is taken times a curve over it: curve(at, x, y, x, y, …) goes through the points, and what lies outside has " +
  "the end's value. Progress is 0 in the first step and 1 in the last; t, noise_level, lambda and others can be read as well. Weak at both ends, as here, " +
  "guides where the shape is decided (compare Kynkäänniemi et al. 2024, arXiv:2404.07724). Type 1: the same scale throughout.";

function scaleCurve(): GraphDocument {
  const begun = start(
    "Scale curve",
    "Guided DDIM whose scale rises and falls over the steps, by points on a curve that one types.",
    "ddim25",
  );
  const { b, model, schedule } = begun;
  const { labels, cond_fn } = guidance(begun, { file: shapes, classes: everyShape, scale: 22 });
  const noise = noiseFor(begun, { labels });
  const given = { schedule, x: noise.out("x_T"), model, cond_fn, noise: noise.out("noise") };
  const x = insert(b, "curved-ddim", given);
  b.add("guidegraph/note", { text: curve });
  return finish(b, x, "scale-curve", labels);
}

const film =
  "Collect puts the x̂₀ of the steps that Step Interval picks behind each other: a row of the sheet is a step. Save Tensor inside the " +
  "loop writes ε of the same steps into one file, samples by step and then by picture; any wire of the loop can be saved so. In the " +
  "other steps nothing is computed for either.";

function trajectory(): GraphDocument {
  const begun = start(
    "Trajectory",
    "What a sampler has in mind on its way: the predicted clean pictures of every sixth step on one sheet, and ε of these steps as an array.",
    "ddim25",
  );
  const { b, model, schedule } = begun;
  const { labels, cond_fn } = guidance(begun, { file: shapes, classes: "0,3,4,6,7,9", scale: 22 });
  const noise = noiseFor(begun, { labels });
  const loop = b.loop("DDIM, collected", { schedule, x: noise.out("x_T"), model, cond_fn }, (inner) => {
    const [x, step] = [inner.input("x", "tensor"), inner.input("step", "step")];
    const network = inner.input("model", "model");
    const model_output = inner.add("guidegraph/predict", { model: network, x, step }).out("model_output");
    const { out } = inner.add("guidegraph/mean-variance", { model_output, x, step });
    const asked = { cond_fn: inner.input("cond_fn", "cond_fn"), x, step };
    const anew = inner.add("guidegraph/guidance-gradient", asked).out("gradient");
    const averaged = { tensor: anew, before: inner.input("gradient", "tensor"), decay: 0.3 };
    const gradient = inner.add("guidegraph/moving-average", averaged, "Average gradient").out("tensor");
    const guided = inner.add("guidegraph/condition-score", { prediction: out("prediction"), gradient });
    inner.output("x", "tensor", inner.add("guidegraph/ddim-step", { prediction: guided.out("prediction") }).out("x"));
    inner.output("gradient", "tensor", gradient);
    const condition = inner.add("guidegraph/step-interval", { step, every: 6 }).out("condition");
    const collected = { tensor: out("pred_xstart"), before: inner.input("frames", "tensor"), condition };
    inner.output("frames", "tensor", inner.add("guidegraph/collect", collected).out("tensor"));
    inner.add("guidegraph/save-tensor", { tensor: out("eps"), name: "eps", when: condition });
  });
  b.add("guidegraph/note", { text: film });
  const images = b.add("guidegraph/decode-image", { x: loop.out("frames") }, "Decode frames").out("image");
  const sheet = b.add("guidegraph/grid", { images, columns: 6 }, "Film").out("image");
  b.add("guidegraph/save-png", { images: sheet, name: "film" });
  return finish(b, loop.out("x"), "trajectory", labels);
}

export const conditions: Readonly<Record<string, () => GraphDocument>> = {
  "guidance-interval": guidanceInterval,
  "gradient-reuse": gradientReuse,
  "scale-curve": scaleCurve,
  trajectory,
};
