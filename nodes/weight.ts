/** What values weigh by their facts, before there are any: bytes, 0 of what is not known yet or is a handle. */
import type { FactsOf, Kind, Size } from "./kinds.ts";

const float = 4;

/** Values of N×C×H×W; undefined where one of them is not known. */
export const valuesOf = ({ batch, channels, height, width }: Size): number | undefined =>
  batch === undefined || channels === undefined || height === undefined || width === undefined
    ? undefined
    : batch * channels * height * width;

const floats = (size: Size): number => float * (valuesOf(size) ?? 0);
const nothing = () => 0;

const weights: { readonly [K in Kind]: (facts: FactsOf<K>) => number } = {
  tensor: floats,
  image: (size) => valuesOf(size) ?? 0,
  /** x₀, mean, variance and its logarithm; what else it has is another's. */
  prediction: (size) => 4 * floats(size),
  model_output: (facts) => (facts.learnSigma ? 2 : 1) * floats(facts),
  noise: nothing,
  labels: ({ batch = 0 }) => 8 * batch,
  number: nothing,
  "number,tensor": nothing,
  text: nothing,
  boolean: nothing,
  step: nothing,
  schedule: nothing,
  model: nothing,
  classifier: nothing,
  cond_fn: nothing,
  network: nothing,
};

/** Bytes of a value of this kind with these facts. */
export const weightOf = (kind: Kind, facts: object): number => (weights[kind] as (facts: object) => number)(facts);

/** What a node leaves on the disk of each batch. */
export interface Saved {
  /** Of a batch; of the whole run where they are gathered. */
  readonly files: number;
  readonly bytes: number;
  /** The batches come into one file, and wait on the disk until the last is in. */
  readonly gathered?: true;
  /** How many samples a batch has: then each has its place in the files by its number. */
  readonly rows?: number | undefined;
}

/** A tensor of four bytes a value at most, all batches in one file. */
export const savedTensor = (tensor: Size = {}): Saved => ({
  files: 1,
  bytes: floats(tensor),
  gathered: true,
  rows: tensor.batch,
});

/** Rows of so many numbers, one a picture, that a measure keeps until the last batch is in. */
export const measuredRows = (images: Size = {}, width = 0): Saved => ({
  files: 0,
  bytes: float * width * (images.batch ?? 0),
  gathered: true,
  rows: images.batch,
});

/** Pictures as files of 8 bits a sample, uncompressed: one each, or all in one. */
export function savedPictures(images: Size | undefined, gathered: boolean): Saved {
  const bytes = valuesOf(images ?? {}) ?? 0;
  const rows = images?.batch;
  return gathered ? { files: 1, bytes, gathered, rows } : { files: rows ?? 1, bytes, rows };
}
