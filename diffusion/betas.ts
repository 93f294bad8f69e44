/** Noise schedules before respacing, float64 as in the reference's `get_named_beta_schedule`. */
import { cosOfTurns } from "./elementary.ts";

/** Steps of a process at most: a hundred times the longest that is in use, and its coefficients are still small. */
export const maxSteps = 100_000;

export type NoiseSchedule = "linear" | "cosine";

const MAX_BETA = 0.999; // keeps the cosine schedule's last steps from being singular

/** Throws a RangeError for a number of steps that no process has. */
export function wantSteps(steps: number): void {
  if (!(steps >= 1 && steps <= maxSteps)) throw new RangeError(`A process has 1 to ${maxSteps} steps, not ${steps}`);
}

/** β of every step, first to last, `steps` of them. Throws a RangeError beyond `maxSteps`. */
export function betas(name: NoiseSchedule, steps: number): Float64Array {
  wantSteps(steps);
  return name === "linear" ? linear(steps) : cosine(steps);
}

/**
 * From 10⁻⁴ to 0.02 over 1000 steps: Ho et al. 2020 (arXiv:2006.11239), section 4. Other lengths scale both ends by
 * 1000/T, which keeps the noise at the end about the same (`get_named_beta_schedule`).
 */
function linear(steps: number): Float64Array {
  const scale = 1000 / steps;
  const start = scale * 0.0001;
  const end = scale * 0.02;
  const stride = (end - start) / (steps - 1);
  return Float64Array.from({ length: steps }, (_, i) => (i === steps - 1 && i > 0 ? end : start + (i && i * stride)));
}

/**
 * βₜ = min(1 − ᾱ(t+1)/ᾱ(t), 0.999), ᾱ(t) = cos²((t/T + s)/(1 + s) · π/2), s = 0.008: Nichol and Dhariwal 2021
 * (arXiv:2102.09672), eq. 17.
 */
function cosine(steps: number): Float64Array {
  const alphaBar = (t: number) => cosOfTurns((t / steps + 0.008) / 1.008 / 4) ** 2;
  return Float64Array.from({ length: steps }, (_, i) => Math.min(1 - alphaBar(i + 1) / alphaBar(i), MAX_BETA));
}
