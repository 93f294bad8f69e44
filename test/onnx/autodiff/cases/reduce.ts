import type { reduce } from "../../../../onnx/autodiff/rules/reduce.ts";
import { type GradientCase, ints } from "../../../support/check-gradient.ts";

export const reduceCases = {
  ReduceSum: [
    { x: [[2, 3, 2]] },
    { x: [[2, 3, 2], ints([1])] },
    { x: [[2, 3, 2], ints([0, -1])], attrs: { keepdims: 0 } },
    { x: [[2, 3]], attrs: { keepdims: 0 } },
    { x: [[2, 3]], attrs: { noop_with_empty_axes: 1 } },
  ],
} satisfies Record<keyof typeof reduce, readonly GradientCase[]>;
