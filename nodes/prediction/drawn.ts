/** p(xₜ₋₁ | xₜ) as it is drawn: `diffusion/prediction.ts` in operators of ONNX. */

import type { Step } from "../../diffusion/index.ts";
import { epsFromX0, posteriorMean, x0FromEps } from "../../diffusion/index.ts";
import type { Drawing, DrawnOutput, DrawnPrediction, Given, Value } from "../drawing.ts";

/** Channels `from` up to `to` of N×C×H×W. */
export const drawnChannels = ({ op }: Drawing, x: Value, from: number, to: number): Value =>
  op.Slice(x, op.int64([from]), op.int64([to]), op.int64([1]));

/** How many channels of x a formula works on: they are known of every x. */
export function channelsOf({ shape }: Drawing, x: Value): number {
  const c = shape(x)[1];
  if (typeof c !== "number") throw new RangeError("how many channels x has is not known");
  return c;
}

interface Point {
  readonly x: Value;
  readonly step: Given<Step>;
}

/** The reverse step that the network's raw output means. */
export function drawnPredict(drawing: Drawing, output: DrawnOutput, at: Point, clip: boolean): DrawnPrediction {
  const raw = drawnChannels(drawing, output.out, 0, channelsOf(drawing, at.x));
  return output.facts.predicts === "x0"
    ? drawnFromX0(drawing, raw, output, at, clip)
    : drawnFromEps(drawing, raw, output, at, clip);
}

export const drawnFromEps = (drawing: Drawing, eps: Value, output: DrawnOutput | undefined, at: Point, clip: boolean) =>
  drawnFromX0(drawing, drawing.mix(x0FromEps, eps, at.x, at.step), output, at, clip);

/** Only the variance comes from the raw output; without one, from the schedule. */
export function drawnFromX0(
  drawing: Drawing,
  x0: Value,
  output: DrawnOutput | undefined,
  { x, step }: Point,
  clip: boolean,
): DrawnPrediction {
  const clipped = clip ? drawing.clip(x0, -1, 1) : x0;
  const c = channelsOf(drawing, x);
  const spread = output?.facts.learnSigma
    ? learnedRange(drawing, drawnChannels(drawing, output.out, c, 2 * c), step)
    : fixed(drawing, x, step);
  const mean = drawing.mix(posteriorMean, clipped, x, step);
  return { ...spread, mean, x0: clipped, x, step, conditioned: "no" };
}

export const drawnEps = (drawing: Drawing, { x0, x, step }: DrawnPrediction): Value =>
  drawing.mix(epsFromX0, x0, x, step);

type Spread = Pick<DrawnPrediction, "variance" | "logVariance">;

/** log σ² = f·log βₜ + (1 − f)·log β̃ₜ,  f = (v + 1) / 2 */
function learnedRange({ op }: Drawing, v: Value, step: Given<Step>): Spread {
  const middle = step.number(({ at }) => (at.logBeta + at.posteriorLogVarianceClipped) / 2);
  const half = step.number(({ at }) => (at.logBeta - at.posteriorLogVarianceClipped) / 2);
  const logVariance = op.Add(middle, op.Mul(v, half));
  return { logVariance, variance: op.Exp(logVariance) };
}

/** Variance that the schedule sets. */
function fixed({ op }: Drawing, x: Value, step: Given<Step>): Spread {
  const filled = (of: (step: Step) => number) => op.Expand(step.number(of), op.Shape(x));
  return {
    variance: filled(({ at }) => at.fixedVariance),
    logVariance: filled(({ at }) => at.fixedLogVariance),
  };
}
