/** Tensors for property tests. */
import fc from "fast-check";
import type { Tensor } from "../../diffusion/index.ts";

/** Tensors of one shape, values in [−3, 3]. */
export const tensors = (dims: readonly number[] = [2, 3, 2, 2]): fc.Arbitrary<Tensor> => {
  const length = dims.reduce((product, dim) => product * dim, 1);
  return fc
    .array(fc.float({ min: -3, max: 3, noNaN: true }), { minLength: length, maxLength: length })
    .map((values) => ({ dims, data: Float32Array.from(values) }));
};

export const largestDifference = (a: Tensor, b: Tensor): number =>
  a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i])), 0);
