/** A prediction taken apart and put together again. */
import { log } from "./elementary.ts";
import { changed, lazy } from "./lazy.ts";
import { posteriorMean, x0FromEps } from "./posterior.ts";
import { map, type Tensor } from "./tensor.ts";
import type { Prediction } from "./types.ts";

/** What of a prediction is given anew; of x₀ and ε one. */
export interface Changes {
  readonly x0?: Tensor | undefined;
  readonly eps?: Tensor | undefined;
  readonly mean?: Tensor | undefined;
  readonly variance?: Tensor | undefined;
}

/**
 * The same step with these in place of its own. The mean follows from a new x₀ or ε by eq. 7 of Ho et al. 2020
 * (arXiv:2006.11239), where it is not given itself; x₀ does not follow from a mean. Throws a RangeError for a negative variance.
 */
export function changePrediction(prediction: Prediction, { x0, eps, mean, variance }: Changes): Prediction {
  const { x, step } = prediction;
  const clean = x0 ?? (eps && x0FromEps(eps, x, step.at));
  const moved = clean
    ? changed(changed(prediction, { x0: clean }), lazy({ mean: () => posteriorMean(clean, x, step.at) }))
    : prediction;
  const spread = variance
    ? changed(changed(moved, { variance }), lazy({ logVariance: () => map(variance, logOf) }))
    : moved;
  if (variance?.data.some((value) => value < 0)) throw new RangeError("Cannot use a variance below 0");
  return mean ? changed(spread, { mean, conditioned: "mean" }) : spread;
}

/** A variance of 0 has no logarithm: it is told as that of the least number that float32 has in full. */
export const LEAST_VARIANCE = 2 ** -126;

const logOf = (value: number): number => log(Math.max(value, LEAST_VARIANCE));
