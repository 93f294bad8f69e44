/** What the steps of most samplers are made of. */
import type { InnerBuilder, Wire } from "../document/index.ts";

export type Wires = Readonly<Record<string, Wire>>;

/** What the inside of a sampling step has at hand. */
export interface StepWires {
  readonly x: Wire;
  readonly step: Wire;
  readonly entering: Wires;
}

export interface Sampler {
  readonly title: string;
  readonly description: string;
  /** Inputs by name and kind, beside schedule and x; a parameter's kind is a plain one. */
  readonly inputs: Readonly<Record<string, string>>;
  /** What its parameters begin with, where that is not what they begin with on the nodes inside. */
  readonly defaults?: Readonly<Record<string, number | string>>;
  /** "up" inverts; `listed`: the way is an input, for steps that are taken again. */
  readonly order?: "up" | "listed";
  /** Inputs that are read around the loop alone. */
  readonly around?: Readonly<Record<string, string>>;
  /** What the loop is given beside its inputs, or in their place: x with noise, say. */
  readonly before?: (outside: InnerBuilder, entering: Wires) => Wires;
  /** From xₜ to the next x. */
  readonly step: (inner: InnerBuilder, wires: StepWires) => Wire;
  /** What comes out, made of the loop's last x. */
  readonly after?: (outside: InnerBuilder, entering: Wires, x: Wire) => Wire;
}

/** The gradient moves the mean for DDPM (Algorithm 1 of arXiv:2105.05233), the score for DDIM (Algorithm 2). */
export const guide = (inner: InnerBuilder, wires: StepWires, prediction: Wire, how: "mean" | "score"): Wire =>
  along(inner, prediction, gradientOf(inner, wires), how);

export const along = (inner: InnerBuilder, prediction: Wire, gradient: Wire, how: "mean" | "score"): Wire =>
  inner.add(`guidegraph/condition-${how}`, { prediction, gradient }).out("prediction");

export const gradientOf = (inner: InnerBuilder, { x, step, entering: { cond_fn } }: StepWires): Wire =>
  inner.add("guidegraph/guidance-gradient", { cond_fn, x, step }).out("gradient");

export const ddpm = (inner: InnerBuilder, { entering: { noise } }: StepWires, prediction: Wire): Wire =>
  inner.add("guidegraph/ddpm-step", { prediction, noise }).out("x");

/** ε or x₀ from the network, then the mean and variance of the reverse step. */
export function predict(inner: InnerBuilder, { x, step, entering }: StepWires, title?: string): Wire {
  const { model, labels, low_res, condition } = entering;
  const optional = { ...(labels && { labels }), ...(low_res && { low_res }), ...(condition && { condition }) };
  return inner.add("guidegraph/predict", { model, x, step, ...optional }, title).out("model_output");
}

/** With and without the labels. */
export function predictBoth(inner: InnerBuilder, wires: StepWires) {
  const { labels: _, ...unlabelled } = wires.entering;
  const conditional = predict(inner, wires);
  const unconditional = predict(inner, { ...wires, entering: unlabelled }, "Predict unlabelled");
  return { conditional, unconditional };
}

export const meanVariance = (inner: InnerBuilder, wires: StepWires, model_output: Wire): Wire =>
  opened(inner, wires, model_output)("prediction");

/** The prediction with its parts: mean, ε, x₀. */
export function opened(inner: InnerBuilder, { x, step, entering: { clip_denoised } }: StepWires, model_output: Wire) {
  const clip = clip_denoised && { clip_denoised };
  return inner.add("guidegraph/mean-variance", { model_output, x, step, ...clip }).out;
}

/** What an output says of ε and x₀, not clipped. */
export const raw = (inner: InnerBuilder, { x, step }: StepWires, model_output: Wire, title?: string) =>
  inner.add("guidegraph/mean-variance", { model_output, x, step, clip_denoised: false }, title).out;

/** Makes x noisier where the way climbs, by a stream of its own. */
export const renoised = (inner: InnerBuilder, { x, step, entering }: StepWires): Wire =>
  inner.add("guidegraph/renoise", { x, step, noise: entering.again }).out("x");

export const ddim = (inner: InnerBuilder, { entering: { noise, eta } }: StepWires, prediction: Wire): Wire =>
  inner.add("guidegraph/ddim-step", { prediction, ...(noise && { noise }), ...(eta && { eta }) }).out("x");

/** A DDIM step from an ε of one's own; the labelled output supplies the variance. */
export function stepFromEps(inner: InnerBuilder, wires: StepWires, eps: Wire, model_output: Wire): Wire {
  const { x, step, entering } = wires;
  const given = { eps, x, step, model_output, clip_denoised: entering.clip_denoised };
  return ddim(inner, wires, inner.add("guidegraph/prediction-from-eps", given).out("prediction"));
}

/** A parameter that formulas read. */
export const parameter = (inner: InnerBuilder, title: string, value: Wire): Wire =>
  inner.add("guidegraph/number", { value }, title).out("number");

export const formula = (
  inner: InnerBuilder,
  title: string,
  text: string,
  given: Readonly<Record<string, Wire | string>>,
): Wire => inner.add("guidegraph/formula", { formula: text, ...given }, title).out("tensor");
