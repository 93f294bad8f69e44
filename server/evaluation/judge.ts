/** Metrics of samples against real pictures, each with where it would lie had other samples been drawn. */
import {
  frechetDistance,
  hits,
  inceptionScore,
  type MeanAndCovariance,
  type Measured,
  Moments,
  measured,
  measuredShare,
  precisionRecall,
} from "../../diffusion/evaluation/index.ts";
import type { Features } from "./features.ts";

export interface Judgement {
  readonly pictures: number;
  readonly frechet: Measured;
  /** Of feature maps: sFID. */
  readonly spatialFrechet?: number;
  /** Both absent where the reference has no pictures. */
  readonly precision?: number;
  readonly recall?: number;
  /** Of how many pictures of either side these two are. */
  readonly manifold: number;
  readonly inceptionScore?: number;
  /** The share of pictures that the classifier takes for their label. */
  readonly accuracy?: Measured;
}

/** Distances are counted between all pairs: of more pictures the first so many stand for all. */
export const maxManifold = 10_000;

/** A label that no class of the classifier has: of others than the labels' nothing is told right. */
export const labelOfNone = ({ probabilities, labels, classes }: Features): number | undefined =>
  probabilities && labels?.find((label) => label < 0 || label >= classes);

/** `draws`: bootstrap samples, 0 for no intervals. Of each side `keptFor` tells how many rows it takes. */
export function judge(samples: Features, real: Features, draws: number): Judgement {
  const manifold = Math.min(maxManifold, Math.max(samples.count, real.count));
  const first = ({ rows, size }: Features) => rows.subarray(0, manifold * size);
  const { probabilities, classes, labels } = samples;
  const right = probabilities && labels && labelOfNone(samples) === undefined && hits(probabilities, classes, labels);
  return {
    pictures: samples.count,
    frechet: measured(samples.count, draws, (times) =>
      frechetDistance(times ? drawnMoments(samples, times) : samples.moments, real.moments),
    ),
    ...(samples.spatial && real.spatial && { spatialFrechet: frechetDistance(samples.spatial, real.spatial) }),
    ...(real.count > 0 && precisionRecall(first(real), first(samples), real.size)),
    manifold,
    ...(samples.probabilities && { inceptionScore: inceptionScore(samples.probabilities, samples.classes) }),
    ...(right && { accuracy: measuredShare(right, draws) }),
  };
}

/** How many pictures are judged by their features themselves; of the others the moments do. */
export const keptFor = (count: number, draws: number): number => (draws > 0 ? count : Math.min(count, maxManifold));

function drawnMoments({ rows, size }: Features, times: Uint32Array): MeanAndCovariance {
  const moments = new Moments(size);
  moments.add(rows, (row) => times[row]);
  return moments.result();
}
