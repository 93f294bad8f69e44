import type { indexing } from "../../../../onnx/autodiff/rules/indexing.ts";
import {
  apart,
  floats,
  type GradientCase,
  ints,
  type OperandOptions,
  positive,
} from "../../../support/check-gradient.ts";

const bools = (values: readonly number[], dims: readonly number[] = [values.length]): OperandOptions => ({
  dims,
  values,
  type: "bool",
});

export const indexingCases = {
  GatherElements: [
    { x: [[3, 3], ints([0, 2, 1, 1, 2, 2], [2, 3])] },
    { x: [[2, 3, 2], ints([2, -1, 0, 0, 1, 1, 2, 2], [2, 2, 2])], attrs: { axis: -2 } },
  ],
  GatherND: [
    { x: [[2, 3, 2], ints([0, 1, 1, 2, 0, 1], [3, 2])] },
    { x: [[2, 3, 2], ints([1, 1, -2], [3, 1])] },
    { x: [[2, 3, 2], ints([1, 2, 0, 0], [2, 2, 1])], attrs: { batch_dims: 1 } },
    { x: [[2, 2, 3], ints([1, 2, 0, 0], [2, 2, 1])], attrs: { batch_dims: 2 } },
  ],
  ScatterElements: [
    { x: [[3, 3], ints([2, 0, 1, 0, 1, 2], [2, 3]), [2, 3]] },
    { x: [[2, 3], ints([0, 2, 1, -1], [2, 2]), [2, 2]], attrs: { axis: 1 } },
    { x: [[3, 3], ints([0, 0, 0, 0, 1, 2], [2, 3]), [2, 3]], attrs: { reduction: "add" } },
    { x: [positive([2, 3]), ints([0, 0, 1, 2], [2, 2]), positive([2, 2])], attrs: { axis: 1, reduction: "mul" } },
    {
      x: [apart([2, 3]), ints([0, 0, 1, 2], [2, 2]), floats([0, 0.28, -0.28, 0.42], [2, 2])],
      attrs: { axis: 1, reduction: "max" },
    },
    {
      x: [floats([0, 0.28, -0.28, 0.42], [2, 2]), ints([0, 0, 1, 1], [2, 2]), apart([2, 2])],
      attrs: { axis: 1, reduction: "min" },
    },
  ],
  ScatterND: [
    { x: [[2, 3], ints([1, 2, 0, 0], [2, 2]), [2]] },
    { x: [[3, 2], ints([2, 0], [2, 1]), [2, 2]] },
    { x: [[3, 2], ints([2, 2], [2, 1]), [2, 2]], attrs: { reduction: "add" } },
    { x: [positive([3, 2]), ints([2, 2], [2, 1]), positive([2, 2])], attrs: { reduction: "mul" } },
  ],
  Compress: [
    { x: [[3, 2], bools([1, 0, 1])], attrs: { axis: 0 } },
    { x: [[2, 4], bools([0, 1, 1])], attrs: { axis: -1 } },
    { x: [[2, 3], bools([0, 1, 0, 0, 1])] },
  ],
  TopK: [
    { x: [apart([2, 5]), ints([3])], outputs: [true, false] },
    { x: [apart([2, 5, 2]), ints([2])], attrs: { axis: 1, largest: 0 }, outputs: [true, false] },
  ],
  Unique: [
    { x: [apart([2, 3])] },
    { x: [apart([6])], attrs: { sorted: 0 }, outputs: [true, false, false] },
    { x: [apart([2, 4, 3])], attrs: { axis: 1 } },
    { x: [apart([3, 2])], attrs: { axis: -2, sorted: 0 } },
  ],
  CumSum: [
    { x: [[2, 4], ints(1)] },
    { x: [[2, 4], ints(0)], attrs: { exclusive: 1 } },
    { x: [[2, 4], ints(-1)], attrs: { reverse: 1 } },
    { x: [[2, 4], ints(1)], attrs: { reverse: 1, exclusive: 1 } },
  ],
  Trilu: [{ x: [[2, 3, 4]] }, { x: [[3, 3], ints(1)], attrs: { upper: 0 } }, { x: [[3, 3], ints(-1)] }],
  Tile: [{ x: [[2, 3], ints([2, 3])] }, { x: [[2, 1, 2], ints([1, 3, 1])] }, { x: [[3], ints([1])] }],
  DepthToSpace: [
    { x: [[2, 8, 2, 3]], attrs: { blocksize: 2 } },
    { x: [[1, 8, 2, 3]], attrs: { blocksize: 2, mode: "CRD" }, fixedShapes: true },
  ],
  SpaceToDepth: [{ x: [[2, 2, 4, 6]], attrs: { blocksize: 2 } }],
  ReverseSequence: [
    { x: [[4, 2, 2], ints([3, 2])] },
    { x: [[2, 4], ints([4, 1])], attrs: { batch_axis: 0, time_axis: 1 } },
  ],
  CenterCropPad: [{ x: [[5, 4], ints([2, 7])] }, { x: [[2, 3, 6], ints([6, 3])], attrs: { axes: [1, -1] } }],
  OneHot: [
    { x: [ints([1, 0, 2]), ints([3]), [2]] },
    { x: [ints([1, 0, 2, 1], [2, 2]), ints([3]), [2]], attrs: { axis: 1 } },
    { x: [{ dims: [3], values: [1, 0, 2], input: true }, floats([3]), [2]], wrt: [0, 2], step: 0.001, tolerance: 5e-3 },
  ],
} satisfies Record<keyof typeof indexing, readonly GradientCase[]>;
