import type { GraphBuilder, Value } from "../../../../onnx/index.ts";
import type { NetsByLowering } from "./net.ts";

const silu = (op: GraphBuilder, x: Value): Value => op.Mul(x, op.Sigmoid(x));

export const siluCases = {
  siluBackward: {
    "SiLU backward in four passes": {
      x: [2, 5],
      y: (op, x) => op.Tanh(silu(op, op.Mul(x, 1.5))),
      has: { Sigmoid: 1, QuickGelu: 1, Sub: 2, Add: 1, Mul: 6 },
    },
    "SiLU whose value nobody needs": {
      x: [2, 5],
      y: (op, x) => silu(op, op.Mul(x, 1.5)),
      has: { Sigmoid: 1, Sub: 1, Add: 1 },
    },
    "SiLU whose sigmoid is used elsewhere too": {
      x: [2, 5],
      y: (op, x) => {
        const s = op.Sigmoid(x);
        return op.Add(op.Mul(x, s), op.Mul(s, 3));
      },
      has: { Sigmoid: 1 },
    },
    "a product that only looks like SiLU": {
      x: [2, 5],
      y: (op, x) => op.Mul(x, op.Mul(op.Sigmoid(op.Mul(x, 2)), op.Sigmoid(x))),
      has: { Sigmoid: 2, QuickGelu: 0 },
    },
  },
  siluForward: {
    "SiLU before other layers": {
      x: [2, 5],
      y: (op, x) => op.Sin(silu(op, op.Sin(silu(op, op.Mul(x, 1.5))))),
      has: { Sigmoid: 2, QuickGelu: 2 },
    },
    "SiLU of a scaled value": {
      x: [2, 5],
      y: (op, x) => op.Sin(op.Mul(x, op.Sigmoid(op.Mul(x, 1.7)))),
      has: { QuickGelu: 0 },
    },
  },
} satisfies NetsByLowering;
