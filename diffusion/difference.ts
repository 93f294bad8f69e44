/** What differs between two tensors, as a map. */
import { sizeOf, type Tensor, zip } from "./tensor.ts";

/** a − b, or |a − b|. Throws a RangeError when the shapes differ. */
export const difference = (a: Tensor, b: Tensor, isSigned: boolean): Tensor =>
  zip(a, b, isSigned ? (a, b) => a - b : (a, b) => Math.abs(a - b));

/** N×C×H×W to N×1×H×W: the channels of each pixel added in double precision, or their mean. */
export function overChannels({ dims, data }: Tensor, how: "sum" | "mean"): Tensor {
  const [n, c, ...rest] = dims;
  const area = sizeOf(rest);
  const scale = how === "mean" ? 1 / c : 1;
  const out = new Float32Array(n * area);
  for (let i = 0; i < n; i++)
    for (let p = 0; p < area; p++) {
      let sum = 0;
      for (let channel = 0; channel < c; channel++) sum += data[(i * c + channel) * area + p];
      out[i * area + p] = sum * scale;
    }
  return { dims: [n, 1, ...rest], data: out };
}
