import type { trigonometry } from "../../../../onnx/autodiff/rules/trigonometry.ts";
import type { GradientCase } from "../../../support/check-gradient.ts";

const inside = { dims: [2, 5], range: [-0.8, 0.8] } as const;

export const trigonometryCases = {
  Sin: [{ x: [[2, 3]], opset: 7 }, { x: [{ dims: [2, 5], range: [-4, 4] }] }],
  Cos: [{ x: [{ dims: [2, 5], range: [-4, 4] }] }],
  Tan: [{ x: [inside] }],
  Asin: [{ x: [inside] }],
  Acos: [{ x: [inside] }],
  Atan: [{ x: [[2, 5]] }],
  Sinh: [{ x: [[2, 5]] }],
  Cosh: [{ x: [[2, 5]] }],
  Asinh: [{ x: [[2, 5]] }],
  Acosh: [{ x: [{ dims: [2, 5], range: [1.4, 3] }] }],
  Atanh: [{ x: [inside] }],
} satisfies Record<keyof typeof trigonometry, readonly GradientCase[]>;
