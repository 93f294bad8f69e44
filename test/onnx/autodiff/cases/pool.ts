import type { pool } from "../../../../onnx/autodiff/rules/pool.ts";
import { apart, type GradientCase, type Operand } from "../../../support/check-gradient.ts";

const windows = (x: (dims: readonly number[]) => Operand): readonly GradientCase[] => [
  { x: [x([2, 2, 4, 4])], attrs: { kernel_shape: [2, 2], strides: [2, 2] } },
  { x: [x([1, 2, 5, 4])], attrs: { kernel_shape: [2, 2], strides: [2, 2] } },
  { x: [x([1, 2, 4, 5])], attrs: { kernel_shape: [3, 3], strides: [1, 2], pads: [1, 1, 1, 1] } },
  { x: [x([1, 1, 5, 5])], attrs: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 } },
  { x: [x([1, 1, 6, 6])], attrs: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1, pads: [0, 1, 0, 1] } },
  // Height 1: windows that lie flat, and those for which a row or two are missing.
  { x: [x([1, 2, 1, 6])], attrs: { kernel_shape: [1, 2], strides: [1, 2] } },
  { x: [x([1, 2, 1, 6])], attrs: { kernel_shape: [2, 2], strides: [2, 2] } },
  { x: [x([1, 8, 2, 1])], attrs: { kernel_shape: [3, 3], strides: [3, 3], pads: [0, 1, 0, 0] } },
  { x: [x([1, 2, 1])], attrs: { kernel_shape: [2], strides: [2] } },
  { x: [x([1, 1, 5, 6])], attrs: { kernel_shape: [3, 2], strides: [2, 2], auto_pad: "SAME_UPPER" }, fixedShapes: true },
  { x: [x([1, 1, 5, 6])], attrs: { kernel_shape: [2, 3], strides: [2, 2], auto_pad: "SAME_LOWER" }, fixedShapes: true },
  { x: [x([2, 2, 5])], attrs: { kernel_shape: [3], strides: [2], pads: [1, 1] } },
  { x: [x([1, 1, 4, 2, 4])], attrs: { kernel_shape: [2, 2, 2], strides: [2, 2, 2] } },
  { x: [x([1, 2, 4, 4])], attrs: { kernel_shape: [2, 2], strides: [2, 2] }, opset: 9 },
];

export const poolCases = {
  AveragePool: [
    ...windows((dims) => dims),
    { x: [[1, 1, 4, 4]], attrs: { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 } },
    { x: [[1, 1, 6, 6]], attrs: { kernel_shape: [2, 2], dilations: [2, 2], strides: [2, 1] }, opset: 19 },
    {
      x: [[1, 1, 5, 5]],
      attrs: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1, count_include_pad: 1 },
      opset: 19,
      fixedShapes: true,
    },
  ],
  MaxPool: [
    ...windows(apart),
    { x: [apart([1, 1, 6, 6])], attrs: { kernel_shape: [2, 2], dilations: [2, 2], pads: [1, 1, 1, 1] } },
  ],
  GlobalAveragePool: [{ x: [[2, 3, 2, 2]] }, { x: [[2, 2, 3]] }],
} satisfies Record<keyof typeof pool, readonly GradientCase[]>;
