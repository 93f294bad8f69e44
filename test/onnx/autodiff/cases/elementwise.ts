import type { elementwise } from "../../../../onnx/autodiff/rules/elementwise.ts";
import type { GradientCase } from "../../../support/check-gradient.ts";

export const elementwiseCases = {
  Add: [
    { x: [[2, 3], [3]] },
    {
      x: [
        [2, 1, 3],
        [4, 1],
      ],
    },
  ],
  Mul: [
    {
      x: [
        [2, 3],
        [2, 3],
      ],
    },
    { x: [[2, 3], []] },
    {
      x: [
        [1, 3],
        [2, 1],
      ],
    },
  ],
  Identity: [{ x: [[2, 3]] }],
  Sigmoid: [{ x: [[2, 3]] }],
} satisfies Record<keyof typeof elementwise, readonly GradientCase[]>;
