/** The two ways to guide a prediction by g = ∇ log p(y | xₜ), scale included. */
import { posteriorMean } from "./posterior.ts";
import type { Tensor } from "./tensor.ts";
import { zip3 } from "./tensor.ts";
import type { Prediction } from "./types.ts";

/**
 * Moves the mean: Dhariwal and Nichol 2021 (arXiv:2105.05233), algorithm 1; `condition_mean`. x₀ stays as it was, so
 * that a sampler which reads only x₀ would not be guided.
 *
 *   μ̂ = μ + Σ · g
 */
export function conditionMean(prediction: Prediction, gradient: Tensor): Prediction {
  const mean = zip3(prediction.mean, prediction.variance, gradient, (mean, variance, g) => mean + variance * g);
  return { ...prediction, mean, conditioned: "mean" };
}

/**
 * Moves ε, then x₀ and the mean anew, not clipped again: Dhariwal and Nichol 2021 (arXiv:2105.05233), eq. 14 and
 * algorithm 2; `condition_score`.
 *
 *   ε̂ = ε − √(1 − ᾱₜ) · g
 */
export function conditionScore(prediction: Prediction, gradient: Tensor): Prediction {
  const { x, step } = prediction;
  const { alphaBar } = step.at;
  const ct = Math.sqrt(1 / alphaBar);
  const ce = Math.sqrt(1 / alphaBar - 1);
  const cg = Math.sqrt(1 - alphaBar);
  const x0 = zip3(x, prediction.x0, gradient, (xt, x0, g) => {
    const eps = (ct * xt - x0) / ce;
    return ct * xt - ce * (eps - cg * g);
  });
  return { ...prediction, x0, mean: posteriorMean(x0, x, step.at), conditioned: "score" };
}
