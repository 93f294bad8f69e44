import type { reduce } from "../../../../onnx/autodiff/rules/reduce.ts";
import { apart, type GradientCase, ints, type Operand } from "../../../support/check-gradient.ts";

const over = (x: (dims: readonly number[]) => Operand): readonly GradientCase[] => [
  { x: [x([2, 3, 2])] },
  { x: [x([2, 3, 2]), ints([1])] },
  { x: [x([2, 3, 2]), ints([0, -1])], attrs: { keepdims: 0 } },
  { x: [x([2, 3])], attrs: { keepdims: 0 } },
  { x: [x([2, 3])], attrs: { noop_with_empty_axes: 1 } },
  // Axes as an attribute
  { x: [x([2, 3, 2])], attrs: { axes: [1] }, opset: 12 },
  { x: [x([2, 3, 2])], attrs: { axes: [-1, 0], keepdims: 0 }, opset: 11 },
];

export const reduceCases = {
  ReduceSum: over((dims) => dims),
  ReduceMean: over((dims) => dims),
  ReduceMax: over(apart),
  ReduceMin: over(apart),
} satisfies Record<keyof typeof reduce, readonly GradientCase[]>;
