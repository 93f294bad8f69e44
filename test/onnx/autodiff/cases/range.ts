import type { ranges } from "../../../../onnx/autodiff/rules/range.ts";
import type { GradientCase, OperandOptions } from "../../../support/check-gradient.ts";

const scalar = (value: number): OperandOptions => ({ dims: [], values: [value] });

export const rangeCases = {
  // Five values each, and not near to four or six.
  Range: [
    { x: [scalar(0.3), scalar(2.5), scalar(0.5)] },
    { x: [scalar(1), scalar(-1.2), scalar(-0.5)] },
    { x: [scalar(0.3), { ...scalar(2.5), constant: true }, scalar(0.5)] },
  ],
} satisfies Record<keyof typeof ranges, readonly GradientCase[]>;
