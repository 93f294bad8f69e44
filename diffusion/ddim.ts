/** Steps of denoising diffusion implicit models: Song, Meng and Ermon 2020 (arXiv:2010.02502). */
import { combine, type Tensor } from "./tensor.ts";
import type { Coefficients, Noise, Prediction } from "./types.ts";

/**
 * One step towards x₀: eq. 12, with σ of eq. 16; `ddim_sample`. eta = 0 is deterministic (its draw is then not even
 * made: draws are numbered, so nothing shifts); the step that leads to x₀ adds no noise.
 *
 *   xₜ₋₁ = √ᾱₜ₋₁ · x₀ + √(1 − ᾱₜ₋₁ − σ²) · ε + σ · z
 *   σ = η · √((1 − ᾱₜ₋₁) / (1 − ᾱₜ)) · √(1 − ᾱₜ / ᾱₜ₋₁)
 */
export function ddimStep({ x0, x, step }: Prediction, noise: Noise | undefined, eta = 0): Tensor {
  const { alphaBar, alphaBarPrev } = step.at;
  const sigma = eta * Math.sqrt((1 - alphaBarPrev) / (1 - alphaBar)) * Math.sqrt(1 - alphaBar / alphaBarPrev);
  const mean = towards(x0, x, step.at, Math.sqrt(alphaBarPrev), Math.sqrt(1 - alphaBarPrev - sigma ** 2));
  if (sigma === 0 || step.earlier === undefined) return mean;
  if (noise === undefined) throw new TypeError(`Cannot take a DDIM step with eta ${eta} without noise`);
  return combine(1, mean, sigma, noise.draw(step.draw));
}

/**
 * One step away from x₀ along the deterministic path (eq. 12 with ᾱₜ₊₁ and σ = 0; section 4.3); `ddim_reverse_sample`.
 *
 *   xₜ₊₁ = √ᾱₜ₊₁ · x₀ + √(1 − ᾱₜ₊₁) · ε
 */
export function ddimReverseStep({ x0, x, step }: Prediction): Tensor {
  const { alphaBarNext } = step.at;
  return towards(x0, x, step.at, Math.sqrt(alphaBarNext), Math.sqrt(1 - alphaBarNext));
}

/** c₀ · x₀ + cₑ · ε, with ε = (√(1/ᾱₜ) · xₜ − x₀) / √(1/ᾱₜ − 1) from the current x₀: linear in x₀ and xₜ. */
function towards(x0: Tensor, xt: Tensor, { alphaBar }: Coefficients, c0: number, ce: number): Tensor {
  const slope = ce / Math.sqrt(1 / alphaBar - 1);
  return combine(c0 - slope, x0, slope * Math.sqrt(1 / alphaBar), xt);
}
