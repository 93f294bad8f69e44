/** The two ways to guide a prediction by g = ∇ log p(y | xₜ), scale included. */
import { changed, lazy } from "./lazy.ts";
import { posteriorMean } from "./posterior.ts";
import { combine, sameDims, type Tensor } from "./tensor.ts";
import type { Prediction } from "./types.ts";

/**
 * Moves the mean: Dhariwal and Nichol 2021 (arXiv:2105.05233), algorithm 1; `condition_mean`. x₀ stays as it was, so
 * that a sampler which reads only x₀ would not be guided.
 *
 *   μ̂ = μ + Σ · g
 */
export function conditionMean(prediction: Prediction, gradient: Tensor): Prediction {
  const { mean, variance } = prediction;
  sameDims(mean, gradient);
  const moved = new Float32Array(mean.data.length);
  for (let i = 0; i < moved.length; i++) moved[i] = mean.data[i] + variance.data[i] * gradient.data[i];
  return changed(prediction, { mean: { dims: mean.dims, data: moved }, conditioned: "mean" });
}

/**
 * Moves ε, then x₀ and the mean anew, not clipped again: Dhariwal and Nichol 2021 (arXiv:2105.05233), eq. 14 and
 * algorithm 2; `condition_score`.
 *
 *   ε̂ = ε − √(1 − ᾱₜ) · g,  which moves x₀ by √(1/ᾱₜ − 1) · √(1 − ᾱₜ) · g
 */
export function conditionScore(prediction: Prediction, gradient: Tensor): Prediction {
  const { x, step } = prediction;
  const { alphaBar } = step.at;
  const ce = Math.sqrt(1 / alphaBar - 1);
  const x0 = combine(1, prediction.x0, ce * Math.sqrt(1 - alphaBar), gradient);
  const moved = changed(prediction, { x0, conditioned: "score" });
  return changed(moved, lazy({ mean: () => posteriorMean(x0, x, step.at) }));
}
