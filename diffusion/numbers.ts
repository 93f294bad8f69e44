/** A number for a whole batch, or one for each of its samples: what a loss, a classifier or a reduction says of them. */
import { map, sizeOf, type Tensor, zip } from "./tensor.ts";

/** The same for all samples, or N×1×1×1. */
export type Numbers = number | Tensor;

/** Whether a tensor has no more than one value a sample. */
const isOneEach = ({ dims }: Pick<Tensor, "dims">): boolean => sizeOf(dims.slice(1)) === 1;

export const perSample = (numbers: ArrayLike<number>): Tensor => ({
  dims: [numbers.length, 1, 1, 1],
  data: Float32Array.from(numbers),
});

/**
 * The number of sample n of a batch; a tensor of one sample serves all. Throws a RangeError for a tensor of more values a sample,
 * or of another batch.
 */
export function numbersOf(numbers: Numbers, batch: number): (n: number) => number {
  if (typeof numbers === "number") return () => numbers;
  const { dims, data } = numbers;
  if (!isOneEach(numbers))
    throw new RangeError(`Cannot take a tensor of shape ${dims.join("×")} for one number a sample: those are N×1×1×1`);
  if (dims[0] !== 1 && dims[0] !== batch)
    throw new RangeError(`Cannot use numbers for ${dims[0]} samples with a batch of ${batch}`);
  return (n) => data[dims[0] === 1 ? 0 : n];
}

/** s·x, in double precision, rounded once; s may differ from sample to sample. */
export function scale(x: Tensor, s: Numbers): Tensor {
  if (typeof s === "number") return map(x, (x) => s * x);
  const of = numbersOf(s, x.dims[0]);
  const size = sizeOf(x.dims.slice(1));
  let i = 0;
  return map(x, (x) => of(Math.floor(i++ / size)) * x);
}

/** a·x + b·y likewise. Throws a RangeError when the shapes differ. */
export function addEach(x: Tensor, y: Tensor, a: Numbers, b: Numbers): Tensor {
  const [ofX, ofY] = [numbersOf(a, x.dims[0]), numbersOf(b, x.dims[0])];
  const size = sizeOf(x.dims.slice(1));
  let i = 0;
  return zip(x, y, (x, y) => {
    const n = Math.floor(i++ / size);
    return ofX(n) * x + ofY(n) * y;
  });
}
