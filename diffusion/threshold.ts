/** What may be done to a predicted x₀ before it is used: the reference's `denoised_fn`. */
import { sizeOf, type Tensor } from "./tensor.ts";

/**
 * Dynamic thresholding: Saharia et al. 2022 (arXiv:2205.11487), section 2.3. Each sample is clamped to ±s, s being the
 * percentile of its absolute values (0 … 1, interpolated) but at least 1, and divided by s. NaN stays NaN.
 */
export function dynamicThreshold(x0: Tensor, percentile: number): Tensor {
  const size = sizeOf(x0.dims.slice(1));
  const data = new Float32Array(x0.data.length);
  for (let start = 0; start < data.length; start += size) {
    const sample = x0.data.subarray(start, start + size);
    const sorted = sample.map(Math.abs).sort();
    const at = percentile * (size - 1);
    const below = Math.floor(at);
    const above = Math.min(below + 1, size - 1);
    const s = Math.max(1, sorted[below] + (sorted[above] - sorted[below]) * (at - below));
    for (let i = 0; i < size; i++) data[start + i] = Math.max(-s, Math.min(s, sample[i])) / s;
  }
  return { dims: x0.dims, data };
}
