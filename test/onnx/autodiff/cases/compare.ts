import type { compare } from "../../../../onnx/autodiff/rules/compare.ts";
import { apart, floats, type GradientCase, positive } from "../../../support/check-gradient.ts";

const tied = { dims: [4], values: [1, 2, 3, 4] };
const extremes = [
  { x: [apart([2, 3]), { dims: [3], values: [0, 0.28, -0.28] }] },
  { x: [apart([2, 1, 3]), { dims: [2, 1], values: [0, 0.28] }, floats([-0.14])] },
  { x: [apart([4])] },
  // Where two are equal, differences see half of each.
  { x: [tied, { dims: [4], values: [1, 0, 3, 8] }] },
] satisfies GradientCase[];

export const compareCases = {
  Abs: [{ x: [apart([3, 4])] }],
  Max: extremes,
  Min: extremes,
  Sum: [{ x: [[2, 3], [3], [2, 1]] }, { x: [[2, 3]] }],
  Mean: [{ x: [[2, 3], [3], [2, 1]] }, { x: [[2, 3]] }],
  Clip: [
    { x: [apart([3, 4]), floats(-0.28), floats(0.42)] },
    { x: [apart([3, 4]), null, floats(0.28)] },
    { x: [apart([3, 4]), floats(0.14)] },
    { x: [apart([3, 4])] },
    { x: [apart([3, 4]), { dims: [], values: [-0.28] }, { dims: [], values: [0.42] }] },
    // Bounds that have crossed: everything is the upper one.
    { x: [apart([3, 4]), { dims: [], values: [0.42] }, { dims: [], values: [-0.28] }] },
  ],
  Mod: [
    {
      x: [
        { dims: [5], values: [-2.3, -0.5, 0.4, 1.7, 5.5] },
        { dims: [5], values: [1, 0.3, 0.25, -0.7, 2] },
      ],
      attrs: { fmod: 1 },
    },
    { x: [{ dims: [2, 2], values: [-2.3, -0.5, 0.4, 1.7] }, floats(0.6)], attrs: { fmod: 1 } },
  ],
  Dropout: [
    { x: [[2, 3]] },
    { x: [[2, 3]], opset: 7, attrs: { ratio: 0.5 } },
    { x: [[2, 3], { dims: [], values: [0.4] }], wrt: [0] },
    { x: [[2, 3], floats(0.4), { dims: [], values: [0], type: "bool" }] },
    // In training the mask is drawn anew in every run; with a ratio of 0 it is always full.
    { x: [[2, 3], floats(0), { dims: [], values: [1], type: "bool" }], outputs: [true, false] },
    { x: [[2, 3], floats(0), { dims: [], values: [1], type: "bool" }] },
  ],
  Reciprocal: [{ x: [positive([2, 3])] }],
} satisfies Record<keyof typeof compare, readonly GradientCase[]>;
