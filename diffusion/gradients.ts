/** Arithmetic on gradients, sample by sample: a gradient is a tensor like any other. */
import { addEach, type Numbers, numbersOf } from "./numbers.ts";
import { combine, sizeOf, type Tensor, zeros, zip } from "./tensor.ts";

/** a·x + b·y */
export const add = (x: Tensor, y: Tensor, a: Numbers = 1, b: Numbers = 1): Tensor =>
  typeof a === "number" && typeof b === "number" ? combine(a, x, b, y) : addEach(x, y, a, b);

/**
 * m·x + (1 − m)·y, without y as if it were zero; a mask of one sample serves all. Throws a RangeError when shapes differ.
 */
export function blend(x: Tensor, m: Tensor, y?: Tensor): Tensor {
  const [n, ...sample] = x.dims;
  const [count, ...maskSample] = m.dims;
  if ((count !== 1 && count !== n) || sample.join() !== maskSample.join())
    throw new RangeError(`Cannot mask a tensor of shape ${x.dims.join("×")} with one of ${m.dims.join("×")}`);
  const other = y ?? zeros(x.dims);
  let i = 0;
  return zip(x, other, (x, y) => {
    const weight = m.data[i++ % m.data.length];
    return weight * x + (1 - weight) * y;
  });
}

/** Each sample scaled to the norm: x / ‖x‖ · norm. A sample of zeros stays as it is. `root-mean-square` divides by √size too. */
export function normalise(
  x: Tensor,
  norm: Numbers = 1,
  measure: "euclidean" | "root-mean-square" = "euclidean",
): Tensor {
  const wanted = numbersOf(norm, x.dims[0]);
  return bySample(x, (sample, out, n) => {
    const squares = measure === "euclidean" ? 1 : 1 / sample.length;
    const length = Math.sqrt(dot(sample, sample) * squares);
    const factor = length === 0 ? 1 : wanted(n) / length;
    for (let i = 0; i < sample.length; i++) out[i] = factor * sample[i];
  });
}

/** Each sample scaled to the length of y's sample, times `norm`. A sample of zeros stays as it is. */
export function normaliseLike(x: Tensor, y: Tensor, norm: Numbers = 1): Tensor {
  const lengths = norms(y);
  const wanted = numbersOf(norm, x.dims[0]);
  return bySample(x, (sample, out, n) => {
    const length = Math.sqrt(dot(sample, sample));
    const factor = length === 0 ? 1 : (wanted(n) * lengths[n]) / length;
    for (let i = 0; i < sample.length; i++) out[i] = factor * sample[i];
  });
}

/** The parts of x along and across y, sample by sample: x∥ = (x·y / y·y)·y, x⊥ = x − x∥. Along zeros there is nothing. */
export function project(x: Tensor, y: Tensor): { readonly parallel: Tensor; readonly orthogonal: Tensor } {
  if (x.dims.join() !== y.dims.join())
    throw new RangeError(`Cannot project a tensor of shape ${x.dims.join("×")} on one of ${y.dims.join("×")}`);
  const size = sizeOf(y.dims.slice(1));
  const parallel = bySample(x, (sample, out, n) => {
    const onto = y.data.subarray(n * size, (n + 1) * size);
    const square = dot(onto, onto);
    const factor = square === 0 ? 0 : dot(sample, onto) / square;
    for (let i = 0; i < sample.length; i++) out[i] = factor * onto[i];
  });
  return { parallel, orthogonal: combine(1, x, -1, parallel) };
}

/** Euclidean length of each sample. */
export const norms = (x: Tensor): number[] => {
  const size = sizeOf(x.dims.slice(1));
  return Array.from({ length: x.dims[0] }, (_, n) => {
    const sample = x.data.subarray(n * size, (n + 1) * size);
    return Math.sqrt(dot(sample, sample));
  });
};

function bySample(x: Tensor, write: (sample: Float32Array, out: Float32Array, n: number) => void): Tensor {
  const size = sizeOf(x.dims.slice(1));
  const data = new Float32Array(x.data.length);
  for (let n = 0; n < x.dims[0]; n++)
    write(x.data.subarray(n * size, (n + 1) * size), data.subarray(n * size, (n + 1) * size), n);
  return { dims: x.dims, data };
}

/** In double precision. */
function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
