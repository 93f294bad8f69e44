/** A second-order multistep solver: Lu et al. 2022 (arXiv:2211.01095), DPM-Solver++(2M), and of the diffusion SDE. */
import { lambda } from "./noise-levels.ts";
import { type Mixed, mixed } from "./posterior.ts";
import { combine, type Tensor } from "./tensor.ts";
import type { Coefficients, Noise, Prediction, Step } from "./types.ts";

/**
 * One step towards x₀, steadied by the step before, with α = √ᾱ, σ = √(1 − ᾱ), λ = log(α / σ). eta 0 is algorithm 2, which draws
 * nothing, eta 1 SDE-DPM-Solver++(2M) of the same paper; between them as much of the noise is taken away and drawn anew as
 * k-diffusion's `sample_dpmpp_2m_sde` does. Without a previous prediction, after one that was no noisier, where it is more than
 * twice as long as the one before, as the last is, and where it leads to x₀, it is first order: with eta 0 that is DDIM.
 *
 *   h = λₜ₋₁ − λₜ,  r = (λₜ − λₜ₊₁) / h
 *   D = (1 + 1/(2r)) · x₀(xₜ) − 1/(2r) · x₀(xₜ₊₁)
 *   xₜ₋₁ = σₜ₋₁/σₜ · e^(−ηh) · xₜ + αₜ₋₁ · (1 − e^(−(1 + η)h)) · D + σₜ₋₁ · √(1 − e^(−2ηh)) · z
 *
 * Throws a TypeError where it draws and there is no noise.
 */
export function dpmSolverStep({ x0, x, step }: Prediction, previous?: Prediction, noise?: Noise, eta = 0): Tensor {
  const weight = previous && previousWeight(step, previous.step);
  const d = previous && weight ? combine(1 + weight, x0, -weight, previous.x0) : x0;
  const mean = dpmSolverMean(eta)(x, d, step.at);
  const sigma = dpmSolverSigma(step, eta);
  if (sigma === 0) return mean;
  if (noise === undefined) throw new TypeError(`Cannot take a DPM-Solver step with eta ${eta} without noise`);
  return combine(1, mean, sigma, noise.draw(step.draw));
}

/** (xₜ, D) ↦ xₜ₋₁ without its noise. */
export const dpmSolverMean = (eta: number): Mixed =>
  mixed((at) => {
    const decay = decayOf(at);
    return [sigmaRatio(at) * decay ** eta, Math.sqrt(at.alphaBarPrev) * (1 - decay ** (1 + eta))];
  });

/** The deviation of its noise, 0 in the step that leads to x₀. */
export const dpmSolverSigma = ({ at, earlier }: Step, eta: number): number =>
  earlier === undefined ? 0 : Math.sqrt((1 - at.alphaBarPrev) * (1 - decayOf(at) ** (2 * eta)));

/** σₜ₋₁/σₜ */
const sigmaRatio = ({ alphaBar, alphaBarPrev }: Coefficients): number => Math.sqrt((1 - alphaBarPrev) / (1 - alphaBar));

/** e⁻ʰ */
const decayOf = (at: Coefficients): number => sigmaRatio(at) * Math.sqrt(at.alphaBar / at.alphaBarPrev);

/**
 * 1/(2r); 0 in the step that leads to x₀, after one that was no noisier, and where it would be above 1: two predictions that lie
 * close to each other say little of one far away (at ten steps the last would weigh them 3.4 and −2.4).
 */
export function previousWeight(step: Step, previous: Step): number {
  if (step.earlier === undefined) return 0;
  const { alphaBar, alphaBarPrev } = step.at;
  const h = lambda(alphaBarPrev) - lambda(alphaBar);
  const before = lambda(alphaBar) - lambda(previous.at.alphaBar);
  const weight = before > 0 ? h / (2 * before) : 0;
  return weight > 1 ? 0 : weight;
}
