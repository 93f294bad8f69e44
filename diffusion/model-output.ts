/** How a network's raw output is laid out: C channels of ε or x₀, then C of variance when it learns sigma. */
import { type Numbers, numbersOf } from "./numbers.ts";
import { sizeOf, type Tensor, zeros } from "./tensor.ts";

/** Channels `from` up to `to` of an N×C×H×W tensor. Throws a RangeError when it has fewer. */
export function channels(x: Tensor, from: number, to: number): Tensor {
  const [n, c, ...plane] = x.dims;
  if (to > c) throw new RangeError(`Cannot take channels ${from} to ${to - 1} of a tensor with ${c}`);
  const area = sizeOf(plane);
  const length = (to - from) * area;
  const dims = [n, to - from, ...plane];
  if (n === 1) return { dims, data: x.data.subarray(from * area, to * area) }; // a view: tensors are never changed
  const data = new Float32Array(n * length);
  for (let i = 0; i < n; i++) {
    const start = (i * c + from) * area;
    data.set(x.data.subarray(start, start + length), i * length);
  }
  return { dims, data };
}

/**
 * Classifier-free guidance: Ho and Salimans 2022 (arXiv:2207.12598), eq. 6 with s = 1 + w. It holds for ε and, being
 * linear, for x₀. The variance channels stay those of the conditional output.
 *
 *   ε = ε_u + s·(ε_c − ε_u)
 */
export function classifierFree(conditional: Tensor, unconditional: Tensor, guided: number, scale: Numbers): Tensor {
  const [n, c, ...plane] = conditional.dims;
  const [nu, cu, ...planeU] = unconditional.dims;
  if (n !== nu || guided > cu || plane.some((dim, axis) => dim !== planeU[axis]))
    throw new RangeError(
      `Cannot combine outputs of shapes ${conditional.dims.join("×")} and ${unconditional.dims.join("×")}`,
    );
  const area = sizeOf(plane);
  const numbers = numbersOf(scale, n);
  const { data } = zeros(conditional.dims);
  data.set(conditional.data);
  for (let i = 0; i < n; i++) {
    const at = i * c * area;
    const atU = i * cu * area;
    const s = numbers(i);
    for (let j = 0; j < guided * area; j++) {
      const u = unconditional.data[atU + j];
      data[at + j] = u + s * (conditional.data[at + j] - u);
    }
  }
  return { dims: conditional.dims, data };
}
