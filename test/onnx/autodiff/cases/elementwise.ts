import type { elementwise } from "../../../../onnx/autodiff/rules/elementwise.ts";
import { apart, floats, type GradientCase, ints, positive } from "../../../support/check-gradient.ts";

const bools = (values: readonly number[], dims: readonly number[]) => ({ dims, values, type: "bool" as const });

export const elementwiseCases = {
  Add: [
    { x: [[2, 3], [3]] },
    {
      x: [
        [2, 1, 3],
        [4, 1],
      ],
    },
    { x: [[2, 3], []] },
  ],
  Sub: [
    {
      x: [
        [2, 3],
        [2, 1],
      ],
    },
    { x: [[3], [2, 3]] },
  ],
  Mul: [
    {
      x: [
        [2, 3],
        [2, 3],
      ],
    },
    { x: [[2, 3], []] },
    {
      x: [
        [1, 3],
        [2, 1],
      ],
    },
  ],
  Div: [{ x: [[2, 3], positive([3])] }, { x: [[], positive([2, 2])] }],
  Neg: [{ x: [[2, 3]] }],
  Sqrt: [{ x: [positive([2, 3])] }],
  Exp: [{ x: [[2, 3]] }],
  Log: [{ x: [positive([2, 3])] }],
  Pow: [
    { x: [positive([2, 3]), [3]] },
    { x: [[2, 3], floats(2)] },
    { x: [[2, 3], floats(3)] },
    { x: [positive([2, 3]), floats(-0.5)] },
    { x: [positive([4]), ints([2, 1, 3, 0])] },
    // At base 0: by the exponent, by the base of 0⁰, and both where neither is known beforehand.
    {
      x: [
        { dims: [3], values: [0, 0, 0.5] },
        { dims: [3], values: [0.7, 2, 1.5] },
      ],
      wrt: [1],
    },
    { x: [{ dims: [3], values: [0, 0.5, 0] }, ints([0, 0, 2])] },
    {
      x: [
        { dims: [3], values: [0, 0.5, 0] },
        { ...ints([0, 0, 3]), type: "float32" },
      ],
      wrt: [0],
    },
  ],
  Identity: [{ x: [[2, 3]] }],
  Cast: [
    { x: [{ dims: [2, 3], type: "float64" }], attrs: { to: "float32" }, y: "float32", not: ["webgpu"] },
    { x: [[2, 3]], attrs: { to: "float64" }, y: "float64", not: ["webgpu"] },
  ],
  CastLike: [{ x: [[2, 3], floats([0])] }, { x: [[2, 3], [1]] }],
  Where: [
    { x: [bools([1, 0, 0, 1, 1, 0], [2, 3]), [2, 3], [2, 3]] },
    { x: [bools([1, 0], [2, 1]), [2, 3], []] },
    { x: [bools([1, 0, 1], [3]), [1], [2, 3]] },
  ],
  Relu: [{ x: [apart([3, 4])] }],
  Sigmoid: [{ x: [[2, 3]] }],
  Tanh: [{ x: [[2, 3]] }],
  Erf: [{ x: [[2, 3]] }],
} satisfies Record<keyof typeof elementwise, readonly GradientCase[]>;
