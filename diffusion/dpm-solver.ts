/** A second-order multistep solver: Lu et al. 2022 (arXiv:2211.01095), DPM-Solver++(2M). */
import { log } from "./elementary.ts";
import { combine, type Tensor } from "./tensor.ts";
import type { Prediction } from "./types.ts";

/**
 * One step towards x₀, steadied by the step before: algorithm 2, with α = √ᾱ, σ = √(1 − ᾱ), λ = log(α / σ). Without a
 * previous prediction, and where it leads to x₀, it is first order, which is DDIM with eta 0.
 *
 *   h = λₜ₋₁ − λₜ,  r = (λₜ − λₜ₊₁) / h
 *   D = (1 + 1/(2r)) · x₀(xₜ) − 1/(2r) · x₀(xₜ₊₁)
 *   xₜ₋₁ = σₜ₋₁/σₜ · xₜ + αₜ₋₁ · (1 − e⁻ʰ) · D
 */
export function dpmSolverStep({ x0, x, step }: Prediction, previous?: Prediction): Tensor {
  const { alphaBar, alphaBarPrev } = step.at;
  const sigmaRatio = Math.sqrt((1 - alphaBarPrev) / (1 - alphaBar));
  const alpha = Math.sqrt(alphaBarPrev);
  const decay = sigmaRatio * Math.sqrt(alphaBar / alphaBarPrev); // e⁻ʰ
  if (previous === undefined || step.earlier === undefined) return combine(sigmaRatio, x, alpha * (1 - decay), x0);
  const h = lambda(alphaBarPrev) - lambda(alphaBar);
  const r = (lambda(alphaBar) - lambda(previous.step.at.alphaBar)) / h;
  const d = combine(1 + 1 / (2 * r), x0, -1 / (2 * r), previous.x0);
  return combine(sigmaRatio, x, alpha * (1 - decay), d);
}

/** Half the logarithm of the signal-to-noise ratio. */
const lambda = (alphaBar: number): number => (log(alphaBar) - log(1 - alphaBar)) / 2;
