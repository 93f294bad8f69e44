import type { shape } from "../../../../onnx/autodiff/rules/shape.ts";
import { type GradientCase, ints, type OperandOptions } from "../../../support/check-gradient.ts";

const end = 2 ** 63; // written 2⁶³ − 1
const ints32 = (values: number[]): OperandOptions => ({ ...ints(values), type: "int32" });

export const shapeCases = {
  Reshape: [{ x: [[2, 6], ints([3, -1])] }, { x: [[2, 6], ints([0, 2, 3])] }],
  Flatten: [{ x: [[2, 3, 2]] }, { x: [[2, 3, 2]], attrs: { axis: -1 } }, { x: [[2, 3]], attrs: { axis: 0 } }],
  Squeeze: [
    { x: [[2, 1, 3], ints([1])] },
    { x: [[1, 2, 1]], fixedShapes: true },
    { x: [[2, 3, 1]], attrs: { axes: [-1] }, opset: 11 },
  ],
  Unsqueeze: [{ x: [[2, 3], ints([0, -1])] }, { x: [[2, 3]], attrs: { axes: [1] }, opset: 9 }],
  Transpose: [{ x: [[2, 3, 4]], attrs: { perm: [2, 0, 1] } }, { x: [[2, 3, 4]] }],
  Expand: [{ x: [[2, 1, 3], ints([2, 2, 2, 3])] }, { x: [[3, 1], ints([1, 4])] }, { x: [[], ints([2, 2])] }],
  Concat: [
    {
      x: [
        [2, 3],
        [2, 1],
        [2, 2],
      ],
      attrs: { axis: 1 },
    },
    { x: [[3], [2]], attrs: { axis: -1 } },
    { x: [[2, 2]], attrs: { axis: 0 } },
  ],
  Split: [
    { x: [[2, 5], ints([2, 3])], attrs: { axis: 1 }, outputs: [true, true] },
    { x: [[2, 5], ints([1, 2, 2])], attrs: { axis: -1 }, outputs: [false, true, false] },
    { x: [[4, 2]], attrs: { num_outputs: 2 }, outputs: [true, false] },
    { x: [[5, 2]], attrs: { num_outputs: 3 }, outputs: [true, false, true] },
    { x: [[2, 4]], attrs: { axis: 1, split: [1, 3] }, outputs: [true, true], opset: 11 },
    { x: [[4, 2]], outputs: [false, true], opset: 13 },
    { x: [[4, 2]], outputs: [false, true], opset: 9 },
  ],
  Slice: [
    {
      x: [
        [3, 5, 4],
        ...[
          [1, -1],
          [3, 0],
          [0, 1],
          [1, -2],
        ].map((list) => ({ ...ints(list), input: true })),
      ],
    },
    ...[ints32, (values: number[]) => ({ ...ints32(values), input: true })].map((bounds) => ({
      x: [[2, 5, 4], bounds([1, -3]), bounds([4, 5]), ints32([1, 2])],
    })),
    { x: [[4, 5], ints([1, 0]), ints([3, end])] },
    { x: [[4, 5], ints([-2]), ints([end]), ints([1])] },
    { x: [[4, 5], ints([0]), ints([-1]), ints([-1])] },
    { x: [[4, 6], ints([1]), ints([6]), ints([1]), ints([2])] },
    { x: [[4, 6], ints([-1, 4]), ints([-end, 0]), ints([0, 1]), ints([-1, -2])] },
    { x: [[2, 3, 4], ints([0]), ints([2]), ints([2])] },
    { x: [[4, 5]], attrs: { starts: [1], ends: [3], axes: [1] }, opset: 9 },
    { x: [[4, 5]], attrs: { starts: [1, -3], ends: [9, -1] }, opset: 9 },
  ],
  Gather: [
    { x: [[3, 2, 2], ints32([1, 0, -1, 1])], attrs: { axis: -1 } },
    { x: [[3, 2], { dims: [2, 2], values: [2, 0, -3, 2], type: "int32" }] },
    { x: [[3, 2], { dims: [], values: [-1], type: "int32", input: true }] },
    { x: [[4, 3], ints([0, 2, 2])] },
    { x: [[2, 4, 3], ints([1, -1])], attrs: { axis: 1 } },
    { x: [[2, 4], ints(0)], attrs: { axis: 1 } },
    { x: [[2, 4], ints(-1)], attrs: { axis: -1 } },
    { x: [[3, 2], ints([0, 1, 2, 2], [2, 2])] },
    { x: [[2, 3, 2], ints([2, 0, 1, 1], [2, 2])], attrs: { axis: 1 } },
    { x: [[4, 2], { ...ints([3, 0, 3]), input: true }] },
    { x: [[4, 2], { ...ints(2), input: true }] },
  ],
  Pad: [
    // Bounds that are known only at run time.
    { x: [[2, 3], { ...ints([1, 0, 2, 1]), input: true }, { dims: [], values: [0.3] }] },
    { x: [[2, 4], { ...ints([-1, 1, 0, -2]), input: true }] },
    { x: [[2, 4], { ...ints([1, 2]), input: true }, null, { ...ints([1]), input: true }], attrs: { mode: "reflect" } },
    { x: [[2, 3], ints([1, 0, 2, 1]), { dims: [], values: [0.3] }] },
    { x: [[2, 3], ints([1, 0, 2, 1])] },
    { x: [[2, 3], ints([0, -1, 1, 0])] },
    { x: [[2, 4], ints([-1, 1, 0, -2])] },
    { x: [[2, 3, 2], ints([1, 2]), null, ints([1])] },
    { x: [[2, 3]], attrs: { pads: [1, 0, 0, 2], value: 3.5 }, opset: 10 },
    { x: [[2, 3], ints([0, 2, 1, 1])], attrs: { mode: "reflect" } },
    { x: [[2, 3, 4], ints([0, 1, 2, 0, 0, 3])], attrs: { mode: "edge" } },
    { x: [[2, 3, 4], ints([2, 1, 1, 3]), null, ints([-1, 1])], attrs: { mode: "wrap" }, opset: 19 },
    { x: [[2, 5]], attrs: { pads: [1, 4, 0, 2], mode: "reflect" }, opset: 10 },
  ],
} satisfies Record<keyof typeof shape, readonly GradientCase[]>;
