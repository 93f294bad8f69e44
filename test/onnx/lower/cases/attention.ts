import type { GraphBuilder, Value } from "../../../../onnx/index.ts";
import type { NetsByLowering } from "./net.ts";

/** Few ask of many positions: what differs from x to y is little. */
const positions = 512;

const swap = (op: GraphBuilder, x: Value): Value => op.Transpose(x, { perm: [0, 2, 1] });

export const attentionCases = {
  attentionByRows: {
    "attention, rows first, with a use of its value": {
      x: [2, 2, 3],
      y: (op, x, weight) => {
        const [k, v] = [1, 2].map(() => op.MatMul(weight(positions, 2), op.MatMul(x, weight(3, 3))));
        const q = op.MatMul(x, weight(3, 3));
        return op.Tanh(op.MatMul(op.Softmax(op.Mul(op.MatMul(q, swap(op, k)), 0.6), { axis: -1 }), v));
      },
      has: { Softmax: 1, Neg: 1, Concat: 2 },
    },
    "attention, rows first": {
      x: [2, 2, 3],
      y: (op, x, weight) => {
        const [k, v] = [1, 2].map(() => op.MatMul(weight(positions, 2), op.MatMul(x, weight(3, 3))));
        const q = op.MatMul(x, weight(3, 3));
        return op.MatMul(op.Softmax(op.Mul(op.MatMul(q, swap(op, k)), 0.6), { axis: -1 }), v);
      },
      has: { Softmax: 1, Transpose: 0, ReduceSum: 1, Mul: 3 },
    },
    "attention of few positions": {
      x: [2, 4, 3],
      y: (op, x) => op.Tanh(op.MatMul(op.Softmax(op.MatMul(x, swap(op, x)), { axis: -1 }), x)),
      has: { Softmax: 1, Concat: 0 },
    },
    "attention whose weights are read twice": {
      x: [2, 3, 2],
      y: (op, x, weight) => {
        const v = op.MatMul(x, weight(2, positions));
        const p = op.Softmax(op.MatMul(swap(op, x), v), { axis: -1 });
        return op.Add(op.MatMul(v, swap(op, p)), op.MatMul(op.MatMul(op.Tanh(x), p), weight(positions, 2)));
      },
      has: { Softmax: 1 },
    },
  },
  attentionByColumns: {
    "attention, positions in the columns, with a use of its value": {
      x: [2, 3, 2],
      y: (op, x, weight) => {
        const [k, v] = [1, 2].map(() => op.MatMul(op.MatMul(weight(3, 3), x), weight(2, positions)));
        const q = op.MatMul(weight(3, 3), x);
        return op.Tanh(op.MatMul(v, swap(op, op.Softmax(op.Mul(op.MatMul(swap(op, q), k), 0.6), { axis: -1 }))));
      },
      has: { Softmax: 1, Neg: 1, Concat: 2 },
    },
    "attention, positions in the columns": {
      x: [2, 3, 2],
      y: (op, x, weight) => {
        const [k, v] = [1, 2].map(() => op.MatMul(op.MatMul(weight(3, 3), x), weight(2, positions)));
        const q = op.MatMul(weight(3, 3), x);
        return op.MatMul(v, swap(op, op.Softmax(op.Mul(op.MatMul(swap(op, q), k), 0.6), { axis: -1 })));
      },
      has: { Softmax: 1 },
    },
  },
} satisfies NetsByLowering;
