/** What networks say of the pictures of a file: features, and what they take each picture for. */
import { type MeanAndCovariance, Moments, softmaxRows, spatialRows } from "../../diffusion/evaluation/index.ts";
import { encode, type Tensor } from "../../diffusion/index.ts";
import type { Judging } from "./judging.ts";
import type { SamplesFile } from "./samples-file.ts";

/** An output of a network, by name; "" is the first. */
export interface Output {
  readonly network: Judging;
  readonly output: string;
}

export interface Judges {
  readonly features: Output;
  /** A feature map, and where its channels are. */
  readonly spatial?: (Output & { readonly channelAxis: 1 | 3 }) | undefined;
  /** Logits, one a class. */
  readonly classifier: Output | undefined;
}

/** A row of numbers for each picture. */
export interface Rows {
  /** Numbers in a row. */
  readonly size: number;
  readonly moments: MeanAndCovariance;
  /** Of the first pictures alone, as many as were asked for. */
  readonly rows: Float32Array;
}

export interface Features {
  readonly count: number;
  readonly features: Rows;
  readonly spatial: Rows | undefined;
  /** Of each picture, by class; rows of `classes`. */
  readonly probabilities: Float64Array | undefined;
  readonly classes: number;
  readonly labels: readonly number[] | undefined;
}

/** Of how many pictures, the first, the numbers themselves are kept: those of 50,000 pictures by Inception are 400 MB. */
export interface Kept {
  readonly features: number;
  readonly spatial: number;
}

export interface FeaturesOptions {
  /** Pictures at a time. */
  readonly batch: number;
  readonly kept: Kept;
  /** Told after each batch. */
  readonly seen?: (count: number) => void;
}

/** What is known of pictures by statistics alone. */
export const rowsBy = (moments: MeanAndCovariance): Rows => ({
  size: moments.mean.length,
  moments,
  rows: new Float32Array(),
});

/** What is known of real pictures by the statistics of their features alone. */
export const featuresBy = (moments: MeanAndCovariance, spatial: MeanAndCovariance | undefined): Features => ({
  count: 0,
  features: rowsBy(moments),
  spatial: spatial && rowsBy(spatial),
  probabilities: undefined,
  classes: 0,
  labels: undefined,
});

export async function featuresOf(
  file: SamplesFile,
  { features, spatial, classifier }: Judges,
  { batch, kept, seen = () => {} }: FeaturesOptions,
): Promise<Features> {
  const own = new Gathered(kept.features);
  const maps = new Gathered(kept.spatial);
  const logits: Float32Array[] = [];
  for await (const pictures of file.batches(batch)) {
    const x = encode(pictures);
    const count = pictures.dims[0];
    own.add(await rowsOf(features, x), count);
    if (spatial) maps.add(spatialRows(await applied(spatial, x), spatial.channelAxis).rows, count);
    if (classifier) logits.push(await rowsOf(classifier, x));
    seen(count);
  }
  const told = own.result();
  if (!told) throw new RangeError("A file of no pictures has no features");
  const answers = joined(logits);
  const classes = answers.length / file.count;
  return {
    count: file.count,
    features: told,
    spatial: maps.result(),
    probabilities: classifier && softmaxRows(answers, classes),
    classes,
    labels: file.labels,
  };
}

/** Rows that come in batches: the moments of all, and the first so many themselves. */
class Gathered {
  #left: number;
  #moments: Moments | undefined;
  readonly #rows: Float32Array[] = [];

  constructor(kept: number) {
    this.#left = kept;
  }

  add(rows: Float32Array, count: number): void {
    const size = rows.length / count;
    this.#moments ??= new Moments(size);
    this.#moments.add(rows);
    if (this.#left > 0) this.#rows.push(rows.subarray(0, this.#left * size));
    this.#left -= count;
  }

  /** Undefined where none came. */
  result(): Rows | undefined {
    if (!this.#moments) return undefined;
    return { size: this.#moments.size, moments: this.#moments.result(), rows: joined(this.#rows) };
  }
}

/** What is more than a row of numbers (N×C×H×W) is one, channel by channel: so many for each picture. */
export async function rowsOf(output: Output, x: Tensor): Promise<Float32Array> {
  return Float32Array.from((await applied(output, x)).data);
}

export async function applied({ network, output }: Output, x: Tensor): Promise<Tensor> {
  const answer = await network.apply(x, output);
  if (answer.dims[0] !== x.dims[0]) throw new Error(`"${output}" has ${answer.dims[0]} rows for ${x.dims[0]} pictures`);
  return answer;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
