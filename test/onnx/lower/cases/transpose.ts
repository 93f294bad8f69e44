import type { GraphBuilder, Value } from "../../../../onnx/index.ts";
import type { NetsByLowering } from "./net.ts";

const swap = (op: GraphBuilder, x: Value): Value => op.Transpose(x, { perm: [0, 2, 1] });

export const transposeCases = {
  transposedTwice: {
    "a transpose of a transpose": {
      x: [2, 3, 4],
      y: (op, x) => op.Tanh(swap(op, op.Transpose(x, { perm: [1, 0, 2] }))),
    },
  },
  productOfTransposed: {
    "the transpose of a product of transposes": {
      x: [2, 3, 3],
      y: (op, x) => op.Tanh(swap(op, op.MatMul(swap(op, x), swap(op, op.Exp(x))))),
    },
  },
  productOfTransposedLeft: {
    "the transpose of a product with a transpose on the left": {
      x: [2, 3, 3],
      y: (op, x) => op.Tanh(swap(op, op.MatMul(swap(op, x), op.Exp(x)))),
    },
  },
  productOfTransposedRight: {
    "the transpose of a product with a transpose on the right": {
      x: [2, 3, 3],
      y: (op, x) => op.Tanh(swap(op, op.MatMul(x, swap(op, op.Exp(x))))),
    },
    "a transpose that several products share": {
      x: [2, 3, 4],
      y: (op, x, weight) => {
        const t = swap(op, op.MatMul(weight(3, 3), x));
        return op.Add(op.MatMul(t, x), op.MatMul(op.MatMul(t, weight(3, 3)), op.MatMul(x, op.MatMul(t, x))));
      },
    },
  },
} satisfies NetsByLowering;
