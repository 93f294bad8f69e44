/** What is known of xₜ, x₀, ε and the forward process between them. Coefficients are doubles; each value is rounded once. */
import { combine, type Tensor } from "./tensor.ts";
import type { Coefficients } from "./types.ts";

/**
 * A sample of q(xₜ | x₀): Ho et al. 2020 (arXiv:2006.11239), eq. 4; the reference's `q_sample`.
 *
 *   xₜ = √ᾱₜ · x₀ + √(1 − ᾱₜ) · ε
 */
export function qSample(x0: Tensor, eps: Tensor, { alphaBar }: Coefficients): Tensor {
  const c0 = Math.sqrt(alphaBar);
  const ce = Math.sqrt(1 - alphaBar);
  return combine(c0, x0, ce, eps);
}

/**
 * x₀ from the noise in xₜ: Ho et al. 2020 (arXiv:2006.11239), eq. 15; `_predict_xstart_from_eps`.
 *
 *   x₀ = √(1/ᾱₜ) · xₜ − √(1/ᾱₜ − 1) · ε
 */
export function x0FromEps(eps: Tensor, xt: Tensor, { alphaBar }: Coefficients): Tensor {
  const ct = Math.sqrt(1 / alphaBar);
  const ce = Math.sqrt(1 / alphaBar - 1);
  return combine(ct, xt, -ce, eps);
}

/**
 * The noise in xₜ once x₀ is known; `_predict_eps_from_xstart`.
 *
 *   ε = (√(1/ᾱₜ) · xₜ − x₀) / √(1/ᾱₜ − 1)
 */
export function epsFromX0(x0: Tensor, xt: Tensor, { alphaBar }: Coefficients): Tensor {
  const ct = Math.sqrt(1 / alphaBar);
  const ce = Math.sqrt(1 / alphaBar - 1);
  return combine(ct / ce, xt, -1 / ce, x0);
}

/**
 * Mean of q(xₜ₋₁ | xₜ, x₀): Ho et al. 2020 (arXiv:2006.11239), eqs. 6–7; `q_posterior_mean_variance`.
 *
 *   μ̃ₜ = √ᾱₜ₋₁·βₜ / (1 − ᾱₜ) · x₀  +  √αₜ·(1 − ᾱₜ₋₁) / (1 − ᾱₜ) · xₜ
 */
export function posteriorMean(x0: Tensor, xt: Tensor, { alpha, alphaBar, alphaBarPrev, beta }: Coefficients): Tensor {
  const c0 = (Math.sqrt(alphaBarPrev) * beta) / (1 - alphaBar);
  const ct = (Math.sqrt(alpha) * (1 - alphaBarPrev)) / (1 - alphaBar);
  return combine(c0, x0, ct, xt);
}

/**
 * xₜ of less noise made noisier, from ᾱ = `from` to the step's: the forward process of Ho et al. 2020
 * (arXiv:2006.11239), eq. 2, over several steps at once; RePaint (arXiv:2201.09865), algorithm 1.
 *
 *   x = √(ᾱₜ / ᾱ) · x + √(1 − ᾱₜ / ᾱ) · z
 */
export function renoise(x: Tensor, z: Tensor, from: number, { alphaBar }: Coefficients): Tensor {
  return combine(Math.sqrt(alphaBar / from), x, Math.sqrt(1 - alphaBar / from), z);
}
