import { philoxLabels } from "../philox-noise.ts";

/** Of all draws the middle so many lie in the interval. */
const coverage = 0.95;

/**
 * Where a statistic of `count` rows lies when these are drawn again, with replacement, `draws` times: the 2.5th and the 97.5th
 * percentile (Efron 1979), less by how much the draws' mean is off its `value`: rows that are drawn twice make a Fréchet
 * distance larger, which says nothing of the samples. `statistic` is told how often each row was drawn. The same draws
 * every time.
 */
export function bootstrapInterval(
  count: number,
  draws: number,
  value: number,
  statistic: (times: Uint32Array) => number,
): readonly [low: number, high: number] {
  const values: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const times = new Uint32Array(count);
    for (const row of philoxLabels(draw, count, count)) times[row]++;
    values.push(statistic(times));
  }
  values.sort((a, b) => a - b);
  const bias = values.reduce((sum, one) => sum + one, 0) / draws - value;
  const at = (share: number) => values[Math.min(draws - 1, Math.max(0, Math.round(share * (draws - 1))))] - bias;
  return [at((1 - coverage) / 2), at((1 + coverage) / 2)];
}
