import type { normalize } from "../../../../onnx/autodiff/rules/normalize.ts";
import { type GradientCase, positive } from "../../../support/check-gradient.ts";

export const normalizeCases = {
  InstanceNormalization: [{ x: [[2, 2, 3, 2], [2], [2]] }, { x: [[1, 2, 5], [2], [2]], attrs: { epsilon: 0.1 } }],
  LayerNormalization: [
    { x: [[2, 3, 4], [4], [4]] },
    // Its further outputs are the mean and 1/σ.
    { x: [[2, 3, 4], [4], [4]], outputs: [true, true, true] },
    {
      x: [
        [2, 3, 4],
        [3, 4],
      ],
      attrs: { axis: 1 },
      outputs: [false, true, true],
      wrt: [0],
    },
    { x: [[2, 3, 4], [4], [4]], outputs: [true, false, true] },
    {
      x: [
        [2, 3, 2],
        [3, 2],
      ],
      attrs: { axis: 1, epsilon: 0.01 },
    },
    { x: [[2, 3, 2], [2, 3, 2], [2]], attrs: { axis: 0 } },
  ],
  RMSNormalization: [
    { x: [[2, 3, 4], [4]], opset: 23 },
    {
      x: [
        [2, 3, 4],
        [3, 4],
      ],
      attrs: { axis: -2, epsilon: 0.1 },
      opset: 23,
    },
  ],
  GroupNormalization: [
    { x: [[2, 4, 3], [2], [2]], attrs: { num_groups: 2 } },
    { x: [[1, 4, 2, 2], [4], [4]], attrs: { num_groups: 2 }, opset: 21 },
  ],
  BatchNormalization: [
    { x: [[2, 3, 2, 2], [3], [3], [3], positive([3])] },
    { x: [[2, 3], [3], [3], [3], positive([3])], attrs: { epsilon: 0.1 } },
    { x: [[2, 2, 3], [2], [2], [2], positive([2])], opset: 9 },
    { x: [[2, 2, 3], [2], [2], [2], positive([2])], attrs: { spatial: 1 }, opset: 7 },
    { x: [[4, 3, 2], [3], [3], [3], positive([3])], attrs: { training_mode: 1 }, outputs: [true, false, false] },
  ],
} satisfies Record<keyof typeof normalize, readonly GradientCase[]>;
