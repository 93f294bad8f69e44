/** One ancestral step. */
import { map, type Tensor, zip3 } from "./tensor.ts";
import type { Noise, Prediction } from "./types.ts";

/**
 * A sample of p(xₜ₋₁ | xₜ): Ho et al. 2020 (arXiv:2006.11239), algorithm 2; `p_sample`. The step that leads to x₀ adds
 * no noise.
 *
 *   xₜ₋₁ = μ + σ · z
 */
export function ddpmStep({ mean, logVariance, step }: Prediction, noise: Noise): Tensor {
  if (step.earlier === undefined) return mean;
  const sigma = map(logVariance, (logVariance) => Math.exp(0.5 * logVariance));
  return zip3(mean, sigma, noise.draw(step.draw), (mean, sigma, z) => mean + sigma * z);
}
