import type { quantise } from "../../../../onnx/autodiff/rules/quantise.ts";
import type { GradientCase, OperandOptions } from "../../../support/check-gradient.ts";

const bytes = (values: readonly number[], dims: readonly number[] = [values.length]): OperandOptions => ({
  dims,
  values,
  type: "uint8",
});

const own = { step: 0.001, tolerance: 2e-3, not: ["webgpu"], fixedShapes: true } as const;

export const quantiseCases = {
  DequantizeLinear: [
    { x: [bytes([3, 200, 7, 9, 0, 255], [2, 3]), [], bytes([128], [])], ...own },
    { x: [bytes([3, 200, 7, 9, 0, 255], [2, 3]), [3], bytes([1, 2, 3])], ...own },
    { x: [bytes([3, 200, 7, 9, 0, 255], [2, 3]), [2]], attrs: { axis: 0 }, ...own },
  ],
  // Differences see steps: the way there and back is tested in quantise.test.ts.
  QuantizeLinear: [],
} satisfies Record<keyof typeof quantise, readonly GradientCase[]>;
