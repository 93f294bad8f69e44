/** What is known of xₜ, x₀, ε and the forward process between them. Coefficients are doubles; each value is rounded once. */
import { combine, type Tensor } from "./tensor.ts";
import type { Coefficients } from "./types.ts";

/** A formula of a step: a·x + b·y. Its coefficients are known by themselves, so that it can be drawn as well as computed. */
export interface Mixed {
  (x: Tensor, y: Tensor, at: Coefficients): Tensor;
  readonly coefficients: (at: Coefficients) => readonly [a: number, b: number];
}

/** The formula of these coefficients. It throws a RangeError at a step where one of them is not finite. */
export const mixed = (coefficients: Mixed["coefficients"]): Mixed => {
  const finite: Mixed["coefficients"] = (at) => {
    const [a, b] = coefficients(at);
    if (Number.isFinite(a) && Number.isFinite(b)) return [a, b];
    throw new RangeError(
      `It has no value where ᾱ is ${at.alphaBar}: a step of noise alone tells nothing of x₀ but by a network that predicts x₀, and cannot be guided by its score; leave it out (timestep_respacing)`,
    );
  };
  return Object.assign(
    (x: Tensor, y: Tensor, at: Coefficients) => {
      const [a, b] = finite(at);
      return combine(a, x, b, y);
    },
    { coefficients: finite },
  );
};

/**
 * (x₀, ε) ↦ a sample of q(xₜ | x₀): Ho et al. 2020 (arXiv:2006.11239), eq. 4; the reference's `q_sample`.
 *
 *   xₜ = √ᾱₜ · x₀ + √(1 − ᾱₜ) · ε
 */
export const qSample = mixed(({ alphaBar }) => [Math.sqrt(alphaBar), Math.sqrt(1 - alphaBar)]);

/**
 * (ε, xₜ) ↦ x₀, from the noise in xₜ: Ho et al. 2020 (arXiv:2006.11239), eq. 15; `_predict_xstart_from_eps`.
 *
 *   x₀ = √(1/ᾱₜ) · xₜ − √(1/ᾱₜ − 1) · ε
 */
export const x0FromEps = mixed(({ alphaBar }) => [-Math.sqrt(1 / alphaBar - 1), Math.sqrt(1 / alphaBar)]);

/**
 * (x₀, xₜ) ↦ ε, the noise in xₜ once x₀ is known; `_predict_eps_from_xstart`.
 *
 *   ε = (√(1/ᾱₜ) · xₜ − x₀) / √(1/ᾱₜ − 1)
 */
export const epsFromX0 = mixed(({ alphaBar }) => {
  if (alphaBar === 0) return [0, 1];
  const ce = Math.sqrt(1 / alphaBar - 1);
  return [-1 / ce, Math.sqrt(1 / alphaBar) / ce];
});

/**
 * (x₀, xₜ) ↦ mean of q(xₜ₋₁ | xₜ, x₀): Ho et al. 2020 (arXiv:2006.11239), eqs. 6–7; `q_posterior_mean_variance`.
 *
 *   μ̃ₜ = √ᾱₜ₋₁·βₜ / (1 − ᾱₜ) · x₀  +  √αₜ·(1 − ᾱₜ₋₁) / (1 − ᾱₜ) · xₜ
 */
export const posteriorMean = mixed(({ alpha, alphaBar, alphaBarPrev, beta }) => [
  (Math.sqrt(alphaBarPrev) * beta) / (1 - alphaBar),
  (Math.sqrt(alpha) * (1 - alphaBarPrev)) / (1 - alphaBar),
]);

/**
 * xₜ of less noise made noisier, from ᾱ = `from` to the step's: the forward process of Ho et al. 2020
 * (arXiv:2006.11239), eq. 2, over several steps at once; RePaint (arXiv:2201.09865), algorithm 1.
 *
 *   x = √(ᾱₜ / ᾱ) · x + √(1 − ᾱₜ / ᾱ) · z
 */
export function renoise(x: Tensor, z: Tensor, from: number, at: Coefficients): Tensor {
  const [a, b] = renoising(from, at);
  return combine(a, x, b, z);
}

/** Its coefficients. */
export const renoising = (from: number, { alphaBar }: Coefficients): readonly [number, number] => [
  Math.sqrt(alphaBar / from),
  Math.sqrt(1 - alphaBar / from),
];
