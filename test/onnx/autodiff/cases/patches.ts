import type { patches } from "../../../../onnx/autodiff/rules/patches.ts";
import { apart, type GradientCase, ints, positive } from "../../../support/check-gradient.ts";

export const patchesCases = {
  Col2Im: [
    { x: [[2, 8, 6], ints([3, 4]), ints([2, 2])] },
    {
      x: [[1, 8, 6], ints([4, 5]), ints([2, 2])],
      attrs: { strides: [2, 2], pads: [1, 1, 0, 1], dilations: [1, 2] },
    },
    { x: [[1, 6, 4], ints([6]), ints([3])], fixedShapes: true },
  ],
  MaxUnpool: [
    {
      x: [[1, 2, 2, 2], ints([5, 7, 13, 10, 20, 23, 24, 31], [1, 2, 2, 2])],
      attrs: { kernel_shape: [2, 2], strides: [2, 2] },
    },
    {
      x: [[1, 1, 2, 2], ints([5, 7, 13, 10], [1, 1, 2, 2]), ints([1, 1, 5, 5])],
      attrs: { kernel_shape: [2, 2], strides: [2, 2] },
    },
    {
      x: [[1, 1, 2, 2], ints([5, 7, 13, 10], [1, 1, 2, 2]), { ...ints([1, 1, 5, 5]), input: true }],
      attrs: { kernel_shape: [2, 2], strides: [2, 2] },
    },
  ],
  LpPool: [
    { x: [apart([2, 2, 5, 4])], attrs: { kernel_shape: [2, 2] } },
    { x: [apart([1, 2, 5, 4])], attrs: { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 1, 1] } },
    { x: [apart([1, 2, 7])], attrs: { kernel_shape: [3], p: 1, strides: [2] } },
    { x: [positive([1, 2, 4, 3, 2])], attrs: { kernel_shape: [2, 2, 2], p: 3 } },
  ],
} satisfies Record<keyof typeof patches, readonly GradientCase[]>;
