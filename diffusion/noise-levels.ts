/** The noise of a process as a function of time, both ways: ᾱ at any t, straight in λ between two timesteps, and t at any λ. */
import { exp, log } from "./elementary.ts";

/** λ = log(√ᾱ / √(1 − ᾱ)), half the logarithm of the signal-to-noise ratio. */
export const lambda = (alphaBar: number): number => (log(alphaBar) - log(1 - alphaBar)) / 2;

/** ᾱ at a timestep from 0 to T − 1 of the process whose every ᾱ is `full`. */
export function alphaBarOf(full: Float64Array, t: number): number {
  const below = Math.floor(t);
  if (below === t) return full[t];
  const ratio = (t: number) => full[t] / (1 - full[t]);
  const snr = ratio(below) * (ratio(below + 1) / ratio(below)) ** (t - below);
  return snr / (1 + snr);
}

/** The timestep at which λ is this, by halving; the nearer end where there is none. */
export function timestepOf(full: Float64Array, wanted: number): number {
  let [low, high] = [0, full.length - 1];
  if (wanted >= lambda(full[low])) return low;
  if (wanted <= lambda(full[high])) return high;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (lambda(full[middle]) >= wanted) low = middle;
    else high = middle;
  }
  const [above, below] = [lambda(full[low]), lambda(full[high])];
  return low + (above - wanted) / (above - below);
}

/**
 * N timesteps, ascending, whose noise levels σ are spaced as in EDM: Karras et al. 2022 (arXiv:2206.00364), eq. 5 with ρ = 7,
 * between those of the first and the last timestep.
 *
 *   σᵢ = (σ_max^(1/ρ) + i/(N − 1) · (σ_min^(1/ρ) − σ_max^(1/ρ)))^ρ
 */
export function karrasTimesteps(full: Float64Array, count: number): number[] {
  wantSignal(full);
  const rho = 7;
  const root = (alphaBar: number) => exp(-lambda(alphaBar) / rho);
  const [least, most] = [root(full[0]), root(full[full.length - 1])];
  return between(count, least, most).map((root) => timestepOf(full, -rho * log(root)));
}

/** N timesteps, ascending, at equal distances in λ: DPM-Solver's (Lu et al. 2022, arXiv:2206.00927). */
export function lambdaTimesteps(full: Float64Array, count: number): number[] {
  wantSignal(full);
  const [least, most] = [lambda(full[0]), lambda(full[full.length - 1])];
  return between(count, least, most).map((lambda) => timestepOf(full, lambda));
}

/** Throws a RangeError where the last timestep is noise alone, as β = 1 makes it: its σ is infinite. */
function wantSignal(full: Float64Array): void {
  if (full[full.length - 1] === 0)
    throw new RangeError("Cannot space steps by noise: the last timestep is noise alone; use more diffusion_steps");
}

/** `count` numbers from the first to the second; of one, the second: sampling begins there. */
const between = (count: number, first: number, second: number): number[] =>
  Array.from({ length: count }, (_, i) => (count === 1 ? second : first + (i / (count - 1)) * (second - first)));
