/** The middle value: what these machines' noise moves least. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Median of each of several measurements taken in turn, A B C A B C …, after `warmUp` rounds that do not count. */
export async function interleaved(
  rounds: number,
  measurements: readonly (() => Promise<number>)[],
  warmUp = 2,
): Promise<number[]> {
  const taken: number[][] = measurements.map(() => []);
  for (let round = -warmUp; round < rounds; round++)
    for (const [i, measure] of measurements.entries()) {
      const value = await measure();
      if (round >= 0) taken[i].push(value);
    }
  return taken.map(median);
}

/** The value that `share` of all do not exceed. */
export const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.ceil(share * values.length) - 1)];

/** Where a share lies in 95 of 100 cases, of which `right` of `count` were seen: Wilson 1927. */
export function wilson(right: number, count: number): readonly [low: number, high: number] {
  const z = 1.96;
  const [share, more] = [right / count, z ** 2 / count];
  const half = z * Math.sqrt((share * (1 - share)) / count + more / (4 * count));
  return [(share + more / 2 - half) / (1 + more), (share + more / 2 + half) / (1 + more)];
}
