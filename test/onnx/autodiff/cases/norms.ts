import type { norms } from "../../../../onnx/autodiff/rules/norms.ts";
import { apart, type GradientCase, ints, positive } from "../../../support/check-gradient.ts";

const reductions = (operand: typeof apart): GradientCase[] => [
  { x: [operand([2, 3, 2])] },
  { x: [operand([2, 3, 2]), ints([1])] },
  { x: [operand([2, 3, 2]), ints([0, -1])], attrs: { keepdims: 0 } },
  { x: [operand([2, 3])], attrs: { keepdims: 0 } },
  // Without axes the WebGPU provider leaves out the norm or logarithm too; the CPU does not.
  { x: [operand([2, 3])], attrs: { noop_with_empty_axes: 1 }, not: ["webgpu"] },
];

export const normsCases = {
  ReduceL1: reductions(apart),
  ReduceL2: [
    ...reductions(apart),
    // A norm's gradient at the origin is taken as 0, which differences agree with.
    { x: [{ dims: [2, 2], values: [0, 0, 3, 4] }, ints([1])] },
  ],
  ReduceSumSquare: reductions(apart),
  ReduceLogSum: reductions(positive),
  ReduceLogSumExp: reductions(apart),
  ReduceProd: [...reductions(apart), { x: [{ dims: [3, 3], values: [0, 2, 3, 0, 0, 5, 0.5, -1, 2] }, ints([1])] }],
  GlobalMaxPool: [{ x: [apart([2, 2, 3, 2])] }, { x: [apart([2, 2, 5])] }],
  GlobalLpPool: [
    { x: [apart([2, 2, 3, 2])] },
    { x: [apart([2, 2, 3])], attrs: { p: 1 } },
    { x: [apart([2, 2, 3])], attrs: { p: 3 } },
  ],
  LpNormalization: [
    { x: [apart([2, 3, 2])] },
    { x: [apart([2, 3, 2])], attrs: { axis: 1, p: 1 } },
    { x: [apart([2, 3, 2])], attrs: { axis: 0, p: 2 } },
  ],
  MeanVarianceNormalization: [{ x: [[2, 3, 2, 2]] }, { x: [[2, 5]], attrs: { axes: [1] } }],
  // onnxruntime takes four dimensions and odd sizes.
  LRN: [
    { x: [[1, 5, 2, 2]], attrs: { size: 3, alpha: 0.9, beta: 0.6, bias: 1.5 }, fixedShapes: true },
    { x: [[2, 4, 2, 1]], attrs: { size: 5, alpha: 2 }, fixedShapes: true },
  ],
} satisfies Record<keyof typeof norms, readonly GradientCase[]>;
