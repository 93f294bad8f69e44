/**
 * Solvers of the probability flow beyond DDIM: several orders by what earlier steps predicted, or by asking the network twice.
 * In λ = log(√ᾱ / √(1 − ᾱ)) a step is h long.
 */
import type { InnerBuilder, Wire } from "../document/index.ts";
import {
  ddim,
  formula,
  meanVariance,
  predict,
  raw,
  renoised,
  type Sampler,
  type StepWires,
  stepFromEps,
} from "./step-parts.ts";

const network = { model: "model", labels: "labels" };
const parameters = { clip_denoised: "boolean" };

/** Whether λ is less noisy than a λ that was carried, and so rounded: a step that is taken again has the same. */
const lessNoisyThan = (before: string, now = "lambda"): string => `${now} - ${before} > 0.0001`;

/** How many of the three predictions before lie on the way down to here, by their λ: a, b, c. Where an order climbs it begins anew. */
const onTheWay =
  `taken < 1 || !(${lessNoisyThan("a")}) ? 0 : taken < 2 || !(${lessNoisyThan("b", "a")}) ? 1 : ` +
  `taken < 3 || !(${lessNoisyThan("c", "b")}) ? 2 : 3`;
/** Adams–Bashforth of as many orders as there are predictions before, e. */
const adamsBashforth =
  "e == 0 ? a : e == 1 ? (3*a - b) / 2 : e == 2 ? (23*a - 16*b + 5*c) / 12 : (55*a - 59*b + 37*c - 9*d) / 24";

/** Of the three steps before, the last first; now and what was carried of two of them are carried on. */
function three(inner: InnerBuilder, name: string, now: Wire): readonly Wire[] {
  const before = [1, 2, 3].map((k) => inner.input(`${name}_${k}`, "tensor"));
  for (const [k, wire] of [now, ...before.slice(0, 2)].entries()) inner.output(`${name}_${k + 1}`, "tensor", wire);
  return before;
}

function multistep(inner: InnerBuilder, wires: StepWires): Wire {
  const { step } = wires;
  const model_output = predict(inner, wires);
  const eps = raw(inner, wires, model_output, "ε")("eps");
  const [b, c, d] = three(inner, "eps", eps);
  const [first, second, third] = three(inner, "lambda", formula(inner, "λ", "lambda", { step }));
  const e = formula(inner, "Predictions before", onTheWay, { a: first, b: second, c: third, step });
  const along = formula(inner, "Adams–Bashforth", adamsBashforth, { a: eps, b, c, d, e, meaning: "eps" });
  return stepFromEps(inner, wires, along, model_output);
}

/** DPM-Solver Step, the prediction before carried to it. */
function secondOrder(inner: InnerBuilder, prediction: Wire, random: Readonly<Record<string, Wire>> = {}): Wire {
  const previous = inner.input("previous", "prediction");
  const next = inner.add("guidegraph/dpm-solver-step", { prediction, previous, ...random });
  inner.output("previous", "prediction", next.out("prediction"));
  return next.out("x");
}

/**
 * D of the corrector: a, b, c are x₀ of the step before, of the one before that, and of now; d, e are λ of those two before, so h is
 * λ − d. Its weights solve ρ₁ + ρ₂ = B₁, r·ρ₁ + ρ₂ = B₂ with r = (e − d)/h and B(h) = eʰ − 1, here 1 − e⁻ʰ since x₀ is predicted.
 * Without a step that came from more noise before, it is UniC-1.
 */
const corrected =
  "taken > 1 && d > e ? a + (1 / (1 - exp(d - lambda)) - 1 / (lambda - d)) * (c - a) + " +
  "(2 / (1 - exp(d - lambda)) - 1 - 2 / (lambda - d)) / (lambda - e) * ((a - b) * (lambda - d) / (d - e) - c + a) : (a + c) / 2";

/** From x as the step before left it to here again, by D: a is that x, b is D, c is what was predicted; d is λ of that step. */
const again = `taken > 0 && ${lessNoisyThan("d")} ? sigma * sqrt(1 + exp(2 * d)) * a + signal * (1 - exp(d - lambda)) * b : c`;

/** UniP-2 with B(h) = eʰ − 1 is the step of DPM-Solver++(2M); UniC-2 corrects where it has led, once x₀ is known there. */
function unified(inner: InnerBuilder, wires: StepWires): Wire {
  const { x: arriving, step, entering } = wires;
  const model_output = predict(inner, wires);
  const clip = { clip_denoised: entering.clip_denoised };
  const x0 = inner.add("guidegraph/mean-variance", { model_output, x: arriving, step, ...clip }).out("pred_xstart");
  const [a, b, d, e, left] = ["x0_1", "x0_2", "lambda_1", "lambda_2", "x_1"].map((name) => inner.input(name, "tensor"));
  const between = formula(inner, "D, of three x₀", corrected, { a, b, c: x0, d, e, step, meaning: "x0" });
  const x = formula(inner, "UniC-2", again, { a: left, b: between, c: arriving, d, step, meaning: "x" });
  const made = { pred_xstart: x0, x, step, model_output, ...clip };
  const prediction = inner.add("guidegraph/prediction-from-x0", made).out("prediction");
  const next = { x0_1: x0, x0_2: a, lambda_1: formula(inner, "λ", "lambda", { step }), lambda_2: d, x_1: x };
  for (const [name, wire] of Object.entries(next)) inner.output(name, "tensor", wire);
  return secondOrder(inner, prediction);
}

/** 1, and 0 in the step that leads to x₀, where there is nothing to ask the network a second time for. */
const unlessLast = (inner: InnerBuilder, step: Wire): Wire =>
  inner
    .add("guidegraph/number-formula", { formula: "alpha_bar_prev < 1", step }, "Unless it leads to x₀")
    .out("number");

/** Of a prediction that took a second call of the network and one that did not. */
const twiceUnlessLast = (inner: InnerBuilder, { step }: StepWires, a: Wire, b: Wire): Wire =>
  inner.add("guidegraph/switch-prediction", { condition: unlessLast(inner, step), a, b }).out("prediction");

function heun(inner: InnerBuilder, wires: StepWires): Wire {
  const { x, step, entering } = wires;
  const model_output = predict(inner, wires);
  const clip = { clip_denoised: entering.clip_denoised };
  const { out } = inner.add("guidegraph/mean-variance", { model_output, x, step, ...clip });
  const earlier = inner.add("guidegraph/neighbouring-steps", { step }).out("earlier");
  const there = { ...wires, step: earlier, x: ddim(inner, wires, out("prediction")) };
  const output = predict(inner, there, "Predict where it leads");
  const made = { model_output: output, x: there.x, step: earlier, ...clip };
  const b = inner.add("guidegraph/mean-variance", made, "ε where it leads").out("eps");
  const eps = formula(inner, "Mean of both ε", "(a + b) / 2", { a: out("eps"), b, meaning: "eps" });
  const both = inner.add("guidegraph/prediction-from-eps", { eps, x, step, model_output, ...clip }).out("prediction");
  return ddim(inner, wires, twiceUnlessLast(inner, wires, both, out("prediction")));
}

/** σ̂, the noise level that churning leads to, but no more than the noisiest row d has: γ = min(S_churn / N, √2 − 1). */
const churned =
  "noise_level >= b && noise_level <= c ? min(d, noise_level * (1 + min(a / steps, sqrt(2) - 1))) : noise_level";
/** From the step's noise level to c with the draw b, S_noise = d times: x · √(1 + σ²) is the paper's x. */
const noisier = "(a * sqrt(1 + noise_level^2) + sqrt(max(0, c^2 - noise_level^2)) * d * b) / sqrt(1 + c^2)";
/** From the noise level c along ε = b to where the step leads. */
const onwards = "sqrt(alpha_bar_prev) * (a * sqrt(1 + c^2) + (sqrt(1 / alpha_bar_prev - 1) - c) * b)";

function churning(inner: InnerBuilder, wires: StepWires): Wire {
  const { x, step, entering } = wires;
  const clip = { clip_denoised: entering.clip_denoised };
  const schedule = inner.input("schedule", "schedule");
  const last = inner.add("guidegraph/number-formula", { formula: "count - 1", step }, "Noisiest row").out("number");
  const top = inner.add("guidegraph/schedule-step", { schedule, index: last }, "Its step").out("step");
  const { s_churn: a, s_tmin: b, s_tmax, s_noise } = entering;
  const d = inner.add("guidegraph/step-value", { step: top }, "Its noise").out("noise_level");
  const c = inner.add("guidegraph/number-formula", { formula: churned, a, b, c: s_tmax, d, step }, "σ̂").out("number");
  const at = { schedule, index: c, measure: "noise_level" };
  const hat = inner.add("guidegraph/schedule-step", at, "Step at σ̂").out("step");
  const z = inner.add("guidegraph/draw-noise", { noise: entering.noise, step }).out("eps");
  const factor = inner.add("guidegraph/number", { value: s_noise }, "S_noise").out("number");
  const there = formula(inner, "Churn", noisier, { a: x, b: z, c, d: factor, step, meaning: "x" });
  const epsAt = (x: Wire, step: Wire, title: string): Wire => {
    const model_output = predict(inner, { ...wires, x, step }, `Predict ${title}`);
    return inner.add("guidegraph/mean-variance", { model_output, x, step, ...clip }, `ε ${title}`).out("eps");
  };
  const along = (eps: Wire, title: string): Wire =>
    formula(inner, title, onwards, { a: there, b: eps, c, step, meaning: "x" });
  const eps = epsAt(there, hat, "at σ̂");
  const earlier = inner.add("guidegraph/neighbouring-steps", { step }).out("earlier");
  const second = epsAt(along(eps, "Euler"), earlier, "where it leads");
  const mean = formula(inner, "Mean of both ε", "(a + b) / 2", { a: eps, b: second, meaning: "eps" });
  const either = { condition: unlessLast(inner, step), a: mean, b: eps };
  return along(inner.add("guidegraph/switch", either).out("tensor"), "Heun");
}

/** From λ = c to λ of the step in the middle: a is x, b its x₀. */
const halfway = "sigma * sqrt(1 + exp(2 * c)) * a + signal * (1 - exp(c - lambda)) * b";

function singlestep(inner: InnerBuilder, wires: StepWires): Wire {
  const { x, step, entering } = wires;
  const model_output = predict(inner, wires);
  const clip = { clip_denoised: entering.clip_denoised };
  const { out } = inner.add("guidegraph/mean-variance", { model_output, x, step, ...clip });
  const half = "alpha_bar_prev < 1 ? (lambda + log(alpha_bar_prev / (1 - alpha_bar_prev)) / 2) / 2 : lambda";
  const index = inner.add("guidegraph/number-formula", { formula: half, step }, "λ in the middle").out("number");
  const at = { schedule: inner.input("schedule", "schedule"), index, measure: "lambda" };
  const middle = inner.add("guidegraph/schedule-step", at, "Step in the middle").out("step");
  const c = inner.add("guidegraph/step-value", { step }).out("lambda");
  const u = formula(inner, "Halfway", halfway, { a: x, b: out("pred_xstart"), c, step: middle, meaning: "x" });
  const output = predict(inner, { ...wires, x: u, step: middle }, "Predict halfway");
  const made = { model_output: output, x: u, step: middle, ...clip };
  const pred_xstart = inner.add("guidegraph/mean-variance", made, "x₀ halfway").out("pred_xstart");
  const anew = { pred_xstart, x, step, model_output, ...clip };
  const both = inner.add("guidegraph/prediction-from-x0", anew).out("prediction");
  return ddim(inner, wires, twiceUnlessLast(inner, wires, both, out("prediction")));
}

export const solvers = {
  plms: {
    title: "PLMS",
    description:
      "Pseudo linear multistep: DDIM steps along four predictions' Adams–Bashforth sum, fewer at first and after a climb: eq. 12 of arXiv:2202.09778.",
    inputs: { ...network, noise: "noise", ...parameters, eta: "number" },
    step: multistep,
  },
  "dpm-solver-2m": {
    title: "DPM-Solver++ 2M",
    description:
      "Second order by the prediction before, one call of the network a step: algorithm 2 of arXiv:2211.01095, first order where DPM-Solver Step says; with eta 1 its SDE (2M SDE).",
    inputs: { ...network, noise: "noise", ...parameters, eta: "number" },
    step: (inner, wires) => {
      const { noise, eta } = wires.entering;
      return secondOrder(inner, meanVariance(inner, wires, predict(inner, wires)), { noise, eta });
    },
  },
  "dpm-solver-2s": {
    title: "DPM-Solver++ 2S",
    description:
      "Second order by a second call of the network, halfway in λ: arXiv:2211.01095, the singlestep solver with r = 1/2; the step that leads to x₀ is DDIM's.",
    inputs: { ...network, ...parameters },
    step: singlestep,
  },
  heun: {
    title: "Heun",
    description:
      "DDIM by the mean of ε here and where it leads, which takes a second call of the network: arXiv:2206.00364, the deterministic sampler; the step that leads to x₀ is DDIM's.",
    inputs: { ...network, ...parameters },
    step: heun,
  },
  "churned-heun": {
    title: "Churned Heun",
    description:
      "Heun after some fresh noise in each step, by S_churn, between the noise levels S_tmin and S_tmax, S_noise times: algorithm 2 of arXiv:2206.00364, its values for ImageNet to begin with; no noisier than the process is.",
    inputs: {
      ...{ ...network, noise: "noise", ...parameters },
      ...{ s_churn: "number", s_tmin: "number", s_tmax: "number", s_noise: "number" },
    },
    defaults: { s_churn: 40, s_tmin: 0.05, s_tmax: 50, s_noise: 1.003 },
    step: churning,
  },
  restart: {
    title: "Restart",
    description:
      "Heun down the way that order says; where it climbs, fresh noise brings x back up, which takes out errors made below: arXiv:2306.14878.",
    inputs: { ...network, again: "noise", ...parameters },
    order: "listed",
    step: (inner, wires) => heun(inner, { ...wires, x: renoised(inner, wires) }),
  },
  unipc: {
    title: "UniPC",
    description:
      "Predicts by DPM-Solver++ 2M, and corrects x by what the network then says there, without a call more: UniPC-2 with B(h) = eʰ − 1 of arXiv:2302.04867, predicting by first order where DPM-Solver Step does.",
    inputs: { ...network, ...parameters },
    step: unified,
  },
} satisfies Record<string, Sampler>;
