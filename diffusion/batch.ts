/** Samples of a batch repeated, chosen and brought together. Draws of one sample lie side by side: a a a b b b. */
import { exp, log } from "./elementary.ts";
import { numbersOf, perSample } from "./numbers.ts";
import { sizeOf, type Tensor } from "./tensor.ts";

/** The samples of one batch behind those of another. Throws a RangeError for samples of another shape. */
export function joined(a: Tensor, b: Tensor): Tensor {
  const [sample, other] = [a.dims.slice(1), b.dims.slice(1)];
  if (sample.join() !== other.join())
    throw new RangeError(`Cannot put samples of ${other.join("×")} behind samples of ${sample.join("×")}`);
  const data = new Float32Array(a.data.length + b.data.length);
  data.set(a.data);
  data.set(b.data, a.data.length);
  return { dims: [a.dims[0] + b.dims[0], ...sample], data };
}

/** Each sample `times` times. */
export function repeatEach(x: Tensor, times: number): Tensor {
  return takeSamples(
    x,
    Array.from({ length: x.dims[0] * times }, (_, i) => Math.floor(i / times)),
  );
}

/** All samples, and all again: a b a b. Beside `repeatEach` of as many, each sample meets each. */
export function repeatAll(x: Tensor, times: number): Tensor {
  const [batch] = x.dims;
  return takeSamples(
    x,
    Array.from({ length: batch * times }, (_, i) => i % batch),
  );
}

/** Samples by number. Throws a RangeError for one that the batch does not have. */
export function takeSamples({ dims: [batch, ...sample], data }: Tensor, indices: ArrayLike<number>): Tensor {
  const size = sizeOf(sample);
  const out = new Float32Array(indices.length * size);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i];
    wantSample(from, batch);
    out.set(data.subarray(from * size, (from + 1) * size), i * size);
  }
  return { dims: [indices.length, ...sample], data: out };
}

/** Throws a RangeError for the number of a sample that a batch does not have. `what`: what it is wanted for. */
export function wantSample(index: number, batch: number, what = `sample ${index}`): void {
  if (!Number.isInteger(index) || index < 0 || index >= batch)
    throw new RangeError(`Cannot take ${what}: the batch has samples 0 to ${batch - 1}`);
}

/** Both of one batch: the one sample of either serves all of the other. Other batches are left for who takes them to refuse. */
export function broadcastBatch(a: Tensor, b: Tensor): readonly [Tensor, Tensor] {
  const [own, other] = [a.dims[0], b.dims[0]];
  if (own === 1 && other > 1) return [repeatEach(a, other), b];
  return other === 1 && own > 1 ? [a, repeatEach(b, own)] : [a, b];
}

export type DrawReduction = "mean" | "sum" | "max" | "log-mean-exp";

/** Makes one sample of each `of` neighbours. Throws a RangeError where samples are left over. */
export function reduceDraws({ dims: [batch, ...sample], data }: Tensor, of: number, by: DrawReduction): Tensor {
  const groups = groupsOf(batch, of);
  const size = sizeOf(sample);
  const out = new Float32Array(groups * size);
  for (let i = 0; i < out.length; i++) {
    const [group, at] = [Math.floor(i / size), i % size];
    let [sum, most] = [0, Number.NEGATIVE_INFINITY];
    const draw = (k: number) => data[(group * of + k) * size + at];
    for (let k = 0; k < of; k++) {
      sum += draw(k);
      most = Math.max(most, draw(k));
    }
    if (by === "log-mean-exp") {
      let total = 0;
      for (let k = 0; k < of; k++) total += exp(draw(k) - most);
      out[i] = most + log(total / of);
    } else out[i] = { mean: sum / of, sum, max: most }[by];
  }
  return { dims: [groups, ...sample], data: out };
}

/** How many groups of `of` a batch has. Throws a RangeError where samples are left over. */
export function groupsOf(batch: number, of: number): number {
  if (batch % of === 0) return batch / of;
  throw new RangeError(`Cannot make groups of ${of} of a batch of ${batch}: ${of} must divide it`);
}

/**
 * The numbers of the samples with the `count` highest (or lowest) scores in each group of `of`, best first; of equal ones the
 * earlier first. Throws a RangeError where samples are left over, or scores are not one a sample.
 */
export function rank(scores: Tensor, of: number, count: number, first: "highest" | "lowest"): Tensor {
  const batch = scores.dims[0];
  const score = numbersOf(scores, batch);
  const sign = first === "highest" ? 1 : -1;
  return perSample(
    Array.from({ length: groupsOf(batch, of) }, (_, group) =>
      Array.from({ length: of }, (_, k) => group * of + k)
        .sort((a, b) => sign * (score(b) - score(a)) || a - b)
        .slice(0, count),
    ).flat(),
  );
}
