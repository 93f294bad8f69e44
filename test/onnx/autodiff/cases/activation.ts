import type { activation } from "../../../../onnx/autodiff/rules/activation.ts";
import { apart, type GradientCase } from "../../../support/check-gradient.ts";

const x = apart([3, 6]); // −1.19 … 1.19

export const activationCases = {
  LeakyRelu: [{ x: [x] }, { x: [x], attrs: { alpha: 0.3 } }],
  PRelu: [{ x: [x, [6]] }, { x: [apart([2, 3, 4]), [3, 1]] }, { x: [x, [1]] }],
  ThresholdedRelu: [{ x: [x], attrs: { alpha: 0.56 } }, { x: [apart([2, 9])], attrs: { alpha: 0 } }, { x: [x] }],
  Elu: [{ x: [x] }, { x: [x], opset: 6 }, { x: [x], attrs: { alpha: 0.4 } }],
  Celu: [{ x: [x] }, { x: [x], attrs: { alpha: 0.4 } }],
  Selu: [{ x: [x] }, { x: [x], attrs: { alpha: 1.2, gamma: 0.8 } }],
  HardSigmoid: [{ x: [x] }, { x: [x], attrs: { alpha: 1, beta: 0.56 } }],
  HardSwish: [{ x: [x] }, { x: [{ dims: [8], values: [-4, -3.1, -2.9, -1, 0.5, 2.9, 3.1, 4] }] }],
  Swish: [
    { x: [x], opset: 24 },
    { x: [x], attrs: { alpha: 0.5 }, opset: 24 },
  ],
  Softplus: [{ x: [x] }, { x: [{ dims: [4], values: [-30, -3, 3, 30] }] }],
  Softsign: [{ x: [x] }],
  Mish: [{ x: [x] }, { x: [{ dims: [4], values: [-30, -3, 3, 30] }] }],
  Gelu: [
    { x: [x], opset: 20 },
    { x: [x], attrs: { approximate: "tanh" }, opset: 20 },
  ],
  Shrink: [
    { x: [x], attrs: { lambd: 0.56 } },
    { x: [x], attrs: { lambd: 0.28, bias: 0.2 } },
  ],
} satisfies Record<keyof typeof activation, readonly GradientCase[]>;
