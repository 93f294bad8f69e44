import { bootstrapInterval } from "./bootstrap.ts";

/** A number, and the interval in which 95 of 100 bootstrap samples have it. */
export interface Measured {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

/** Of more features than these an interval takes longer than the samples did. */
export const maxDrawnFeatures = 256;

/** Bootstrap samples by which an interval of features of this size is told; 0: none is. */
export const usualDraws = (size: number): number => (size <= maxDrawnFeatures ? 100 : 0);

/**
 * A statistic of `count` rows that is never negative, and its interval by `draws` bootstrap samples (0: without one).
 * `statistic` is told how often each row was drawn; without times it is of the rows as they are.
 */
export function measured(count: number, draws: number, statistic: (times?: Uint32Array) => number): Measured {
  const value = statistic();
  if (draws === 0) return { value };
  const [low, high] = bootstrapInterval(count, draws, value, statistic);
  return { value, low: Math.max(0, low), high };
}

/** The share of `hits` that are 1, by `draws` bootstrap samples: from 0 to 1, as its interval is. */
export function measuredShare(hits: ArrayLike<number>, draws: number): Measured {
  const share = measured(hits.length, draws, (times) => {
    let sum = 0;
    for (let i = 0; i < hits.length; i++) sum += hits[i] * (times?.[i] ?? 1);
    return sum / hits.length;
  });
  return share.high === undefined ? share : { ...share, high: Math.min(1, share.high) };
}
