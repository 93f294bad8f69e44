/** Guidance by other wires of the same nodes: where the gradient is asked, how long it is, in which steps, and of how many wishes. */
import type { InnerBuilder, Wire } from "../document/index.ts";
import {
  along,
  ddim,
  ddpm,
  formula,
  gradientOf,
  meanVariance,
  opened,
  parameter,
  predict,
  raw,
  type Sampler,
  type StepWires,
} from "./step-parts.ts";

const guided = { model: "model", labels: "labels", cond_fn: "cond_fn" };
const random = { noise: "noise", eta: "number" };
const parameters = { clip_denoised: "boolean" };

/** The classifier looks at the mean, an estimate of xₜ₋₁, at the step that x goes to. */
function atTheMean(inner: InnerBuilder, wires: StepWires): Wire {
  const out = opened(inner, wires, predict(inner, wires));
  const step = inner.add("guidegraph/neighbouring-steps", { step: wires.step }).out("earlier");
  const gradient = gradientOf(inner, { ...wires, x: out("mean"), step });
  return ddpm(inner, wires, along(inner, out("prediction"), gradient, "mean"));
}

function normalised(inner: InnerBuilder, wires: StepWires): Wire {
  const { step, entering } = wires;
  const out = opened(inner, wires, predict(inner, wires));
  const eps = out("eps");
  const across = inner.add("guidegraph/project", { tensor: gradientOf(inner, wires), onto: eps }).out("orthogonal");
  const tensor = inner.add("guidegraph/normalise", { tensor: across, like: eps }).out("tensor");
  const b = inner.add("guidegraph/step-value", { step }).out("sigma");
  const product = { a: entering.strength, b, operation: "multiply" };
  const scale = inner.add("guidegraph/arithmetic", product).out("number");
  const gradient = inner.add("guidegraph/scale", { tensor, scale }).out("tensor");
  return ddim(inner, wires, along(inner, out("prediction"), gradient, "score"));
}

function reused(inner: InnerBuilder, wires: StepWires): Wire {
  const { step, entering } = wires;
  const prediction = meanVariance(inner, wires, predict(inner, wires));
  const condition = inner.add("guidegraph/step-interval", { step, every: entering.every }).out("condition");
  const either = { condition, a: gradientOf(inner, wires), b: inner.input("gradient", "tensor") };
  const gradient = inner.add("guidegraph/switch", either, "Anew or again").out("tensor");
  inner.output("gradient", "tensor", gradient);
  return ddim(inner, wires, along(inner, prediction, gradient, "score"));
}

function curved(inner: InnerBuilder, wires: StepWires): Wire {
  const { step, entering } = wires;
  const prediction = meanVariance(inner, wires, predict(inner, wires));
  const factor = { formula: entering.curve, step };
  const scale = inner.add("guidegraph/number-formula", factor, "Scale of this step").out("number");
  const scaled = { tensor: gradientOf(inner, wires), scale };
  const gradient = inner.add("guidegraph/scale", scaled, "By the curve").out("tensor");
  return ddim(inner, wires, along(inner, prediction, gradient, "score"));
}

/** x₀ is thresholded rather than clipped before the gradient moves it, and the loop carries the last prediction. */
function dpmSolver(inner: InnerBuilder, wires: StepWires): Wire {
  const { x, step } = wires;
  const model_output = predict(inner, wires);
  const predicted = raw(inner, wires, model_output)("pred_xstart");
  const pred_xstart = inner.add("guidegraph/dynamic-threshold", { pred_xstart: predicted }).out("pred_xstart");
  const anew = { pred_xstart, x, step, model_output, clip_denoised: false };
  const prediction = inner.add("guidegraph/prediction-from-x0", anew).out("prediction");
  const previous = inner.input("previous", "prediction");
  const moved = { prediction: along(inner, prediction, gradientOf(inner, wires), "score"), previous };
  const next = inner.add("guidegraph/dpm-solver-step", moved);
  inner.output("previous", "prediction", next.out("prediction"));
  return next.out("x");
}

/** ε of two wishes, each where the mask says, and away from a third. */
function composed(inner: InnerBuilder, wires: StepWires): Wire {
  const { x, step, entering } = wires;
  const { model, left, right, not, mask } = entering;
  const output = (title: string, labels?: Wire): Wire =>
    predict(inner, { ...wires, entering: { model, ...(labels && { labels }) } }, title);
  const eps = (output: Wire, title: string): Wire => raw(inner, wires, output, title)("eps");
  const model_output = output("Predict left", left);
  const [tensor, other, a, c] = [
    eps(model_output, "ε left"),
    eps(output("Predict right", right), "ε right"),
    eps(output("Predict unlabelled"), "ε unlabelled"),
    eps(output("Predict not wanted", not), "ε not wanted"),
  ];
  const both = inner.add("guidegraph/mask", { tensor, other, mask }, "Each in its half").out("tensor");
  const [d, e] = [parameter(inner, "w", entering.scale), parameter(inner, "n", entering.away)];
  const sum = formula(inner, "Towards and away", "a + d * (b - a) - e * (c - a)", { a, b: both, c, d, e });
  const made = inner.add("guidegraph/prediction-from-eps", { eps: sum, x, step, model_output });
  return ddim(inner, wires, made.out("prediction"));
}

export const rewired = {
  "mean-guided-ddpm": {
    title: "Mean-Guided DDPM",
    description:
      "Guided DDPM whose classifier looks at the predicted mean, an estimate of xₜ₋₁, instead of at xₜ: two wires moved.",
    inputs: { ...guided, noise: "noise", ...parameters },
    step: atTheMean,
  },
  "normalised-ddim": {
    title: "Normalised DDIM",
    description:
      "Guided DDIM by the part of the gradient across ε, strength · √(1 − ᾱ) times as long as ε: strength by eye, not by classifier.",
    inputs: { ...guided, ...random, ...parameters, strength: "number" },
    defaults: { strength: 0.6 },
    step: normalised,
  },
  "reusing-ddim": {
    title: "Gradient-Reusing DDIM",
    description:
      "Guided DDIM whose classifier is asked in every k-th step alone; the steps between use its last gradient.",
    inputs: { ...guided, ...random, ...parameters, every: "number" },
    defaults: { every: 2 },
    step: reused,
  },
  "curved-ddim": {
    title: "Scale-Curve DDIM",
    description:
      "Guided DDIM whose gradient is taken times a curve over the steps, a formula of the step's own numbers: guidance early, late, or where noise is so strong.",
    inputs: { ...guided, ...random, ...parameters, curve: "text" },
    defaults: { curve: "curve(progress, 0, 0.2, 0.5, 1, 1, 0.2)" },
    step: curved,
  },
  "guided-dpm-solver": {
    title: "Guided DPM-Solver++",
    description:
      "A second-order solver that carries its last prediction (arXiv:2211.01095), x₀ thresholded, its score moved along the classifier's gradient.",
    inputs: guided,
    step: dpmSolver,
  },
  "composed-ddim": {
    title: "Composed DDIM",
    description:
      "DDIM by two wishes, each where a mask says, and away from a third, all by one network: conjunction and negation of arXiv:2206.01714.",
    inputs: {
      ...{ model: "model", left: "labels", right: "labels", not: "labels", mask: "image" },
      ...{ scale: "number", away: "number" },
    },
    defaults: { scale: 2, away: 0.5 },
    step: composed,
  },
} satisfies Record<string, Sampler>;
