/** Steps of denoising diffusion implicit models: Song, Meng and Ermon 2020 (arXiv:2010.02502). */
import { type Mixed, mixed } from "./posterior.ts";
import { combine, type Tensor } from "./tensor.ts";
import type { Coefficients, Noise, Prediction, Step } from "./types.ts";

/**
 * One step towards x₀: eq. 12, with σ of eq. 16; `ddim_sample`. eta = 0 is deterministic (its draw is then not even
 * made: draws are numbered, so nothing shifts); the step that leads to x₀ adds no noise.
 *
 *   xₜ₋₁ = √ᾱₜ₋₁ · x₀ + √(1 − ᾱₜ₋₁ − σ²) · ε + σ · z
 *   σ = η · √((1 − ᾱₜ₋₁) / (1 − ᾱₜ)) · √(1 − ᾱₜ / ᾱₜ₋₁)
 */
export function ddimStep({ x0, x, step }: Prediction, noise: Noise | undefined, eta = 0): Tensor {
  const sigma = ddimSigma(step, eta);
  const mean = ddimMean(eta)(x0, x, step.at);
  if (sigma === 0) return mean;
  if (noise === undefined) throw new TypeError(`Cannot take a DDIM step with eta ${eta} without noise`);
  return combine(1, mean, sigma, noise.draw(step.draw));
}

/** σ, 0 in the step that leads to x₀. */
export const ddimSigma = ({ at, earlier }: Step, eta: number): number => (earlier === undefined ? 0 : sigmaOf(at, eta));

const sigmaOf = ({ alphaBar, alphaBarPrev }: Coefficients, eta: number): number =>
  eta * Math.sqrt((1 - alphaBarPrev) / (1 - alphaBar)) * Math.sqrt(1 - alphaBar / alphaBarPrev);

/** (x₀, xₜ) ↦ the step without its noise. */
export const ddimMean = (eta: number): Mixed =>
  mixed((at) => {
    const { alphaBarPrev } = at;
    return towards(at, Math.sqrt(alphaBarPrev), Math.sqrt(Math.max(0, 1 - alphaBarPrev - sigmaOf(at, eta) ** 2)));
  });

/**
 * One step away from x₀ along the deterministic path (eq. 12 with ᾱₜ₊₁ and σ = 0; section 4.3); `ddim_reverse_sample`.
 *
 *   xₜ₊₁ = √ᾱₜ₊₁ · x₀ + √(1 − ᾱₜ₊₁) · ε
 */
export const ddimReverseStep = ({ x0, x, step }: Prediction): Tensor => ddimReverse(x0, x, step.at);

/** (x₀, xₜ) ↦ xₜ₊₁ */
export const ddimReverse = mixed((at) => towards(at, Math.sqrt(at.alphaBarNext), Math.sqrt(1 - at.alphaBarNext)));

/** c₀ · x₀ + cₑ · ε, with ε = (√(1/ᾱₜ) · xₜ − x₀) / √(1/ᾱₜ − 1) from the current x₀: linear in x₀ and xₜ. */
function towards({ alphaBar }: Coefficients, c0: number, ce: number): readonly [number, number] {
  if (alphaBar === 0) return [c0, ce]; // noise alone is ε
  const slope = ce / Math.sqrt(1 / alphaBar - 1);
  return [c0 - slope, slope * Math.sqrt(1 / alphaBar)];
}
