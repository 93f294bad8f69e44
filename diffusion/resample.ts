/** Particles of a sequential Monte Carlo sampler: those of much weight are taken more often, those of little are dropped. */
import { groupsOf } from "./batch.ts";
import { exp } from "./elementary.ts";
import { numbersOf, perSample } from "./numbers.ts";
import { sizeOf, type Tensor } from "./tensor.ts";

export interface Resampled {
  /** For each place the number of the particle that takes it. */
  readonly indices: Tensor;
  /** What the weights are then: equal where particles were drawn, as they were elsewhere. */
  readonly logWeights: Tensor;
}

/**
 * Systematic resampling of each group of `of` particles (Kitagawa 1996; compared in Douc, Cappé and Moulines 2005,
 * arXiv:cs/0507025), where the effective number of them is below `threshold` · of (Kong, Liu and Wong 1994):
 *
 *   w̄ᵢ = wᵢ / Σ w,   ESS = 1 / Σ w̄ᵢ²,   particle i takes the places (k + u) / n that lie in its part of the cumulative sum
 *
 * `uniform` gives the u of a group, 0 < u < 1. Throws a RangeError where all weights of a group are zero, or one is no number.
 */
export function resample(
  logWeights: Tensor,
  of: number,
  threshold: number,
  uniform: (firstOfGroup: number) => number,
): Resampled {
  const batch = logWeights.dims[0];
  const weight = numbersOf(logWeights, batch);
  const indices: number[] = [];
  const after: number[] = [];
  for (let group = 0; group < groupsOf(batch, of); group++) {
    const first = group * of;
    const own = Array.from({ length: of }, (_, k) => weight(first + k));
    const most = Math.max(...own);
    if (!Number.isFinite(most))
      throw new RangeError(
        `Cannot resample samples ${first} to ${first + of - 1}: their largest log weight is ${most}`,
      );
    const parts = own.map((value) => exp(value - most));
    const total = parts.reduce((sum, part) => sum + part, 0);
    const effective = total ** 2 / parts.reduce((sum, part) => sum + part ** 2, 0);
    const isDrawn = effective < threshold * of;
    const taken = isDrawn ? systematic(parts, total, uniform(first)) : own.map((_, k) => k);
    indices.push(...taken.map((k) => first + k));
    after.push(...(isDrawn ? own.map(() => 0) : own));
  }
  return { indices: perSample(indices), logWeights: perSample(after) };
}

function systematic(parts: readonly number[], total: number, u: number): number[] {
  let [at, reached] = [0, parts[0]];
  return parts.map((_, k) => {
    const place = ((k + u) / parts.length) * total;
    while (reached < place && at < parts.length - 1) reached += parts[++at];
    return at;
  });
}

/**
 * A uniform number of each sample from the normal ones of a draw: of two of them, exp(−(z₀² + z₁²) / 2) is uniform, as Box and
 * Muller made them. Throws a RangeError for samples of a single value.
 */
export function uniformOf({ dims: [, ...sample], data }: Tensor): (n: number) => number {
  const size = sizeOf(sample);
  if (size < 2) throw new RangeError("Cannot draw a uniform number of noise that has a single value a sample");
  return (n) => Math.min(1 - 2 ** -24, exp(-(data[n * size] ** 2 + data[n * size + 1] ** 2) / 2));
}
