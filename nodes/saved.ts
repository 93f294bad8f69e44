/** What a node leaves on the disk, by the facts of its inputs, before there is anything. */
import { elementCount, floats, type Size } from "./size.ts";

/** Of each batch. */
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
  bytes: 4 * width * (images.batch ?? 0),
  gathered: true,
  rows: images.batch,
});

/** Pictures as files of 8 bits a sample, uncompressed: one each, or all in one. */
export function savedPictures(images: Size | undefined, gathered: boolean): Saved {
  const bytes = elementCount(images ?? {}) ?? 0;
  const rows = images?.batch;
  return gathered ? { files: 1, bytes, gathered, rows } : { files: rows ?? 1, bytes, rows };
}
