/** What networks say of the pictures of a file: features, and what they take each picture for. */

import { softmaxRows } from "../../diffusion/evaluation/index.ts";
import { encode, type Tensor } from "../../diffusion/index.ts";
import type { NetworkHandle } from "../../nodes/index.ts";
import type { SamplesFile } from "./samples-file.ts";

/** An output of a network, by name; "" is the first. */
export interface Output {
  readonly network: NetworkHandle;
  readonly output: string;
}

export interface Judges {
  readonly features: Output;
  /** Logits, one a class. */
  readonly classifier: Output | undefined;
}

export interface Features {
  readonly count: number;
  /** Numbers in a row. */
  readonly size: number;
  readonly rows: Float32Array;
  /** Of each picture, by class; rows of `classes`. */
  readonly probabilities: Float64Array | undefined;
  readonly classes: number;
  readonly labels: readonly number[] | undefined;
}

export async function featuresOf(
  file: SamplesFile,
  { features, classifier }: Judges,
  batch: number,
  seen: (count: number) => void,
): Promise<Features> {
  const rows: Float32Array[] = [];
  const logits: Float32Array[] = [];
  for await (const pictures of file.batches(batch)) {
    const x = encode(pictures);
    rows.push(await rowsOf(features, x));
    if (classifier) logits.push(await rowsOf(classifier, x));
    seen(pictures.dims[0]);
  }
  const [all, answers] = [joined(rows), joined(logits)];
  const classes = answers.length / file.count;
  return {
    count: file.count,
    size: all.length / file.count,
    rows: all,
    probabilities: classifier && softmaxRows(answers, classes),
    classes,
    labels: file.labels,
  };
}

/** What is more than a row of numbers (N×C×H×W) is one, channel by channel. */
async function rowsOf({ network, output }: Output, x: Tensor): Promise<Float32Array> {
  const { dims, data } = await network.apply(x, output);
  if (dims[0] !== x.dims[0]) throw new Error(`"${output}" has ${dims[0]} rows for ${x.dims[0]} pictures`);
  return Float32Array.from(data);
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
