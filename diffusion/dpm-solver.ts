/** A second-order multistep solver: Lu et al. 2022 (arXiv:2211.01095), DPM-Solver++(2M). */
import { lambda } from "./noise-levels.ts";
import { mixed } from "./posterior.ts";
import { combine, type Tensor } from "./tensor.ts";
import type { Prediction, Step } from "./types.ts";

/**
 * One step towards x₀, steadied by the step before: algorithm 2, with α = √ᾱ, σ = √(1 − ᾱ), λ = log(α / σ). Without a
 * previous prediction, after one that was no noisier, where it is more than twice as long as the one before, as the last is,
 * and where it leads to x₀, it is first order: DDIM with eta 0.
 *
 *   h = λₜ₋₁ − λₜ,  r = (λₜ − λₜ₊₁) / h
 *   D = (1 + 1/(2r)) · x₀(xₜ) − 1/(2r) · x₀(xₜ₊₁)
 *   xₜ₋₁ = σₜ₋₁/σₜ · xₜ + αₜ₋₁ · (1 − e⁻ʰ) · D
 */
export function dpmSolverStep({ x0, x, step }: Prediction, previous?: Prediction): Tensor {
  const weight = previous && previousWeight(step, previous.step);
  const d = previous && weight ? combine(1 + weight, x0, -weight, previous.x0) : x0;
  return dpmSolverMean(x, d, step.at);
}

/** (xₜ, D) ↦ xₜ₋₁ */
export const dpmSolverMean = mixed(({ alphaBar, alphaBarPrev }) => {
  const sigmaRatio = Math.sqrt((1 - alphaBarPrev) / (1 - alphaBar));
  const decay = sigmaRatio * Math.sqrt(alphaBar / alphaBarPrev); // e⁻ʰ
  return [sigmaRatio, Math.sqrt(alphaBarPrev) * (1 - decay)];
});

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
