/** Metrics of samples against real pictures, each with where it would lie had other samples been drawn. */
import {
  frechetDistance,
  hits,
  inceptionScoreOf,
  type MeanAndCovariance,
  type Measured,
  Moments,
  measured,
  measuredShare,
  usualDraws,
  withinManifolds,
} from "../../diffusion/evaluation/index.ts";
import type { Features, Kept, Rows } from "./features.ts";
import type { Sizes } from "./probe.ts";

export interface Judgement {
  readonly pictures: number;
  readonly frechet: Measured;
  /** Of feature maps: sFID. */
  readonly spatialFrechet?: Measured;
  /** Both absent where the reference has no pictures. Their intervals are of what is counted, the manifolds held. */
  readonly precision?: Measured;
  readonly recall?: Measured;
  /** Of how many pictures of either side these two are. */
  readonly manifold: number;
  readonly inceptionScore?: Measured;
  /** The share of pictures that the classifier takes for their label. */
  readonly accuracy?: Measured;
}

/** Distances are counted between all pairs: of more pictures the first so many stand for all. */
export const maxManifold = 10_000;

/** A label that no class of the classifier has: of others than the labels' nothing is told right. */
export const labelOfNone = ({ probabilities, labels, classes }: Features): number | undefined =>
  probabilities && labels?.find((label) => label < 0 || label >= classes);

/** Bootstrap samples by which intervals are told; 0: without them. */
export interface Draws {
  readonly frechet: number;
  readonly spatial: number;
  /** Of what each picture has a number of its own for. */
  readonly others: number;
}

/** `wanted`: as a person typed it. */
export const drawsOf = ({ features, spatial = 0 }: Sizes, wanted?: number): Draws => ({
  frechet: wanted ?? usualDraws(features),
  spatial: wanted ?? usualDraws(spatial),
  others: wanted ?? usualDraws(1),
});

/** Of each side `keptFor` tells how many rows it takes. */
export function judge(samples: Features, real: Features, draws: Draws): Judgement {
  const manifold = Math.min(maxManifold, Math.max(samples.count, real.count));
  const first = ({ features: { rows, size } }: Features) => rows.subarray(0, manifold * size);
  const { probabilities, classes, labels, count } = samples;
  const right = probabilities && labels && labelOfNone(samples) === undefined && hits(probabilities, classes, labels);
  const within = real.count > 0 && withinManifolds(first(real), first(samples), real.features.size);
  const distance = (of: Rows, to: Rows, draws: number) =>
    measured(count, draws, (times) => frechetDistance(times ? drawnMoments(of, times) : of.moments, to.moments));
  return {
    pictures: count,
    frechet: distance(samples.features, real.features, draws.frechet),
    ...(samples.spatial && real.spatial && { spatialFrechet: distance(samples.spatial, real.spatial, draws.spatial) }),
    ...(within && {
      precision: measuredShare(within.precision, draws.others),
      recall: measuredShare(within.recall, draws.others),
    }),
    manifold,
    ...(probabilities && { inceptionScore: measured(count, draws.others, inceptionScoreOf(probabilities, classes)) }),
    ...(right && { accuracy: measuredShare(right, draws.others) }),
  };
}

/** Of how many pictures the numbers themselves are kept; of the others the moments do. */
export const keptFor = (count: number, draws: Draws): Kept => ({
  features: draws.frechet > 0 ? count : Math.min(count, maxManifold),
  spatial: draws.spatial > 0 ? count : 0,
});

function drawnMoments({ rows, size }: Rows, times: Uint32Array): MeanAndCovariance {
  const moments = new Moments(size);
  moments.add(rows, (row) => times[row]);
  return moments.result();
}
