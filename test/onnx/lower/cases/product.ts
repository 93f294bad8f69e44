import type { GraphBuilder, Value } from "../../../../onnx/index.ts";
import type { NetsByLowering } from "./net.ts";

const swap = (op: GraphBuilder, x: Value): Value => op.Transpose(x, { perm: [0, 2, 1] });

export const productCases = {
  einsumAsMatMul: {
    "Einsum as MatMul": {
      x: [2, 3, 4],
      y: (op, x, weight) => {
        const scores = op.Softmax(op.Einsum(x, op.MatMul(weight(3, 3), x), { equation: "bct,bcs->bts" }), { axis: -1 });
        return op.Einsum(scores, x, { equation: "bts,bcs->bct" });
      },
      has: { Einsum: 0 },
    },
  },
  fusedMatMul: {
    "a product of transposed and scaled operands": {
      x: [2, 3, 4],
      y: (op, x) => op.Tanh(op.MatMul(swap(op, op.Mul(x, 0.5)), op.Mul(2, x))),
      has: { Transpose: 0 },
    },
  },
} satisfies NetsByLowering;
