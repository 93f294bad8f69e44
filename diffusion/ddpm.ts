/** One ancestral step. */
import { sameDims, type Tensor } from "./tensor.ts";
import type { Noise, Prediction } from "./types.ts";

/**
 * A sample of p(xₜ₋₁ | xₜ): Ho et al. 2020 (arXiv:2006.11239), algorithm 2; `p_sample`. The step that leads to x₀ adds
 * no noise (there alone the variance may be 0 while its clipped logarithm is not).
 *
 *   xₜ₋₁ = μ + σ · z
 */
export function ddpmStep({ mean, variance, step }: Prediction, noise: Noise): Tensor {
  if (step.earlier === undefined) return mean;
  const z = noise.draw(step.draw);
  sameDims(mean, z);
  const x = new Float32Array(mean.data.length);
  for (let i = 0; i < x.length; i++) x[i] = mean.data[i] + Math.sqrt(variance.data[i]) * z.data[i];
  return { dims: mean.dims, data: x };
}
