/** The two ways to guide a prediction by g = ∇ log p(y | xₜ), scale included. */
import { changed, lazy } from "./lazy.ts";
import { mixed, posteriorMean } from "./posterior.ts";
import { sameDims, type Tensor } from "./tensor.ts";
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

/** (x₀, g) ↦ the x₀ of the moved ε. */
export const scoreOnX0 = mixed(({ alphaBar }) => [1, Math.sqrt(1 / alphaBar - 1) * Math.sqrt(1 - alphaBar)]);

/**
 * Moves ε, then x₀ and the mean anew, not clipped again: Dhariwal and Nichol 2021 (arXiv:2105.05233), eq. 14 and
 * algorithm 2; `condition_score`.
 *
 *   ε̂ = ε − √(1 − ᾱₜ) · g,  which moves x₀ by √(1/ᾱₜ − 1) · √(1 − ᾱₜ) · g
 */
export function conditionScore(prediction: Prediction, gradient: Tensor): Prediction {
  const { x, step } = prediction;
  const x0 = scoreOnX0(prediction.x0, gradient, step.at);
  const moved = changed(prediction, { x0, conditioned: "score" });
  return changed(moved, lazy({ mean: () => posteriorMean(x0, x, step.at) }));
}
