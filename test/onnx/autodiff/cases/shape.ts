import type { shape } from "../../../../onnx/autodiff/rules/shape.ts";
import { type GradientCase, ints } from "../../../support/check-gradient.ts";

export const shapeCases = {
  Reshape: [{ x: [[2, 6], ints([3, -1])] }, { x: [[2, 6], ints([0, 2, 3])] }],
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
  ],
} satisfies Record<keyof typeof shape, readonly GradientCase[]>;
