/** Metrics of samples against real pictures, each with where it would lie had other samples been drawn. */
import {
  bootstrapInterval,
  frechetDistance,
  inceptionScore,
  type MeanAndCovariance,
  Moments,
  precisionRecall,
} from "../../diffusion/evaluation/index.ts";
import type { Features } from "./features.ts";

/** A number, and the interval in which 95 of 100 bootstrap samples have it. */
export interface Measured {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

export interface Judgement {
  readonly pictures: number;
  readonly frechet: Measured;
  /** Of feature maps: sFID. */
  readonly spatialFrechet?: number;
  readonly precision: number;
  readonly recall: number;
  /** Of how many pictures of either side these two are. */
  readonly manifold: number;
  readonly inceptionScore?: number;
  /** The share of pictures that the classifier takes for their label. */
  readonly accuracy?: Measured;
}

/** Distances are counted between all pairs: of more pictures the first so many stand for all. */
export const maxManifold = 10_000;

/** `draws`: bootstrap samples, 0 for no intervals. */
export function judge(samples: Features, real: Features, draws: number): Judgement {
  const ofReal = momentsOf(real);
  const manifold = Math.min(maxManifold, Math.max(samples.count, real.count));
  const first = ({ rows, size }: Features) => rows.subarray(0, manifold * size);
  const right = hits(samples);
  return {
    pictures: samples.count,
    frechet: measured(samples.count, draws, (times) => frechetDistance(momentsOf(samples, times), ofReal)),
    ...(samples.spatial && real.spatial && { spatialFrechet: frechetDistance(samples.spatial, real.spatial) }),
    ...precisionRecall(first(real), first(samples), real.size),
    manifold,
    ...(samples.probabilities && { inceptionScore: inceptionScore(samples.probabilities, samples.classes) }),
    ...(right && {
      accuracy: measured(right.length, draws, (times) => {
        const hit = right.reduce((sum, value, i) => sum + value * (times?.[i] ?? 1), 0);
        return hit / right.length;
      }),
    }),
  };
}

/** `statistic` without times: of the rows as they are. It is never negative. */
function measured(count: number, draws: number, statistic: (times?: Uint32Array) => number): Measured {
  const value = statistic();
  if (draws === 0) return { value };
  const [low, high] = bootstrapInterval(count, draws, value, statistic);
  return { value, low: Math.max(0, low), high };
}

function momentsOf({ rows, size }: Features, times?: Uint32Array): MeanAndCovariance {
  const moments = new Moments(size);
  moments.add(rows, times && ((row) => times[row]));
  return moments.result();
}

/** Of each picture 1 where its label is the most probable class, else 0. */
function hits({ probabilities, classes, labels }: Features): readonly number[] | undefined {
  if (!probabilities || !labels) return undefined;
  return labels.map((label, i) => {
    const row = probabilities.subarray(i * classes, (i + 1) * classes);
    return Number(row.indexOf(Math.max(...row)) === label);
  });
}
