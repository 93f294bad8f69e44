/** p(xₜ₋₁ | xₜ) from a network's output: the reference's `p_mean_variance`. */
import { exp } from "./elementary.ts";
import { areFinite, bitsOf } from "./finite.ts";
import { changed, lazy } from "./lazy.ts";
import { channels } from "./model-output.ts";
import { epsFromX0, posteriorMean, x0FromEps } from "./posterior.ts";
import { sizeOf, type Tensor } from "./tensor.ts";
import type { Prediction, Step } from "./types.ts";

/** What a network's first channels are, and whether variance channels follow. */
export interface OutputKind {
  readonly predicts?: "eps" | "x0" | undefined;
  readonly learnSigma?: boolean | undefined;
}

export interface PredictionOptions extends OutputKind {
  /** Clamp x₀ to [−1, 1] before it is used. */
  readonly clipDenoised?: boolean;
}

/** The reverse step that the network's raw output means. */
export function predict(out: Tensor, x: Tensor, step: Step, options: PredictionOptions = {}): Prediction {
  const raw = channels(out, 0, x.dims[1]);
  return options.predicts === "x0"
    ? predictionFromX0(raw, out, x, step, options)
    : predictionFromEps(raw, out, x, step, options);
}

/**
 * The reverse step whose x₀ has been given (after a denoised_fn, say); only the variance comes from the raw output, and without
 * one from the schedule.
 */
export function predictionFromX0(
  x0: Tensor,
  out: Tensor | undefined,
  x: Tensor,
  step: Step,
  { clipDenoised = true, learnSigma = false }: PredictionOptions = {},
): Prediction {
  const clipped = clipDenoised ? clip(x0) : x0;
  const c = x.dims[1];
  const spread = out && learnSigma ? learnedRange(channels(out, c, 2 * c), step) : fixed(x, step);
  return changed(spread, { mean: posteriorMean(clipped, x, step.at), x0: clipped, x, step, conditioned: "no" });
}

/** The same with ε given. */
export function predictionFromEps(
  eps: Tensor,
  out: Tensor | undefined,
  x: Tensor,
  step: Step,
  options: PredictionOptions = {},
): Prediction {
  return predictionFromX0(x0FromEps(eps, x, step.at), out, x, step, options);
}

/** ε that belongs to the prediction's current x₀ (the clipped or guided one): never stored, always derived. */
export const epsOf = ({ x0, x, step }: Prediction): Tensor => epsFromX0(x0, x, step.at);

/** Clamp to [−1, 1]; NaN stays NaN. Throws a RangeError for infinity, which nobody would see any more. */
export function clip({ dims, data }: Tensor): Tensor {
  if (areFinite(data)) return { dims, data: clipFinite(data) };
  wantNoneInfinite(data);
  return { dims, data: data.map((value) => Math.max(-1, Math.min(1, value))) };
}

/**
 * Where |x| > 1, the bits of 1 under x's sign. An early x₀ goes beyond on both sides as it likes: comparisons, which a processor
 * guesses wrong there, take four times as long.
 */
function clipFinite(data: Float32Array): Float32Array<ArrayBuffer> {
  const [bits, clipped] = [bitsOf(data), new Float32Array(data.length)];
  const out = bitsOf(clipped);
  for (let i = 0; i < bits.length; i++) {
    const beyond = (one - (bits[i] & 0x7fffffff)) >> 31; // all bits or none
    out[i] = (bits[i] & ~beyond) | (((bits[i] & 0x80000000) | one) & beyond);
  }
  return clipped;
}

/** The bits of 1. */
const one = 0x3f800000;

function wantNoneInfinite(data: Float32Array): void {
  const infinite = data.filter((value) => Math.abs(value) === Infinity).length;
  if (infinite > 0)
    throw new RangeError(
      `The predicted x₀ holds ${infinite} infinite of ${data.length} values before it is clipped: look for what grows from step to step, such as guidance, and scale it down`,
    );
}

/**
 * Variance between β̃ₜ and βₜ: Nichol and Dhariwal 2021 (arXiv:2102.09672), eq. 15, with v = channels C … 2C − 1 in
 * [−1, 1] for [β̃ₜ, βₜ], both of the respaced process.
 *
 *   log σ² = f·log βₜ + (1 − f)·log β̃ₜ,  f = (v + 1) / 2
 */
function learnedRange({ dims, data: v }: Tensor, { at }: Step): Spread {
  const { logBeta: max, posteriorLogVarianceClipped: min } = at;
  const logarithm = (v: number) => {
    const f = (v + 1) / 2;
    return f * max + (1 - f) * min;
  };
  return lazy({
    logVariance: () => ({ dims, data: v.map(logarithm) }),
    variance: () => {
      const variance = new Float32Array(v.length);
      for (let i = 0; i < v.length; i++) variance[i] = exp(logarithm(v[i]));
      return { dims, data: variance };
    },
  });
}

/** Variance that the schedule sets: βₜ, or β̃ₜ with sigma_small. Ho et al. 2020 (arXiv:2006.11239), section 3.2. */
function fixed({ dims }: Tensor, { at }: Step): Spread {
  const filled = (value: number): Tensor => ({ dims, data: new Float32Array(sizeOf(dims)).fill(value) });
  return lazy({ variance: () => filled(at.fixedVariance), logVariance: () => filled(at.fixedLogVariance) });
}

type Spread = Pick<Prediction, "variance" | "logVariance">;
