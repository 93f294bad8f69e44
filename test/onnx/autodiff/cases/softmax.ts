import type { softmax } from "../../../../onnx/autodiff/rules/softmax.ts";
import type { GradientCase } from "../../../support/check-gradient.ts";

const shapes: readonly GradientCase[] = [
  { x: [[2, 5]] },
  { x: [[2, 3, 4]], attrs: { axis: 1 } },
  { x: [[2, 3, 4]], attrs: { axis: -1 } },
  // Before opset 13 the axes from `axis` on were one, and 1 was the default.
  { x: [[2, 3, 2]], opset: 11 },
  { x: [[2, 3, 2]], attrs: { axis: 2 }, opset: 11 },
];

export const softmaxCases = {
  Softmax: shapes,
  LogSoftmax: shapes,
} satisfies Record<keyof typeof softmax, readonly GradientCase[]>;
