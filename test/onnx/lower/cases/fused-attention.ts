import type { GraphBuilder, Value } from "../../../../onnx/index.ts";
import type { NetsByLowering } from "./net.ts";

const swap = (op: GraphBuilder, x: Value): Value => op.Transpose(x, { perm: [0, 1, 3, 2] });
/** q, k and v of two heads, of width 2 and 3 positions each. */
const heads = (op: GraphBuilder, x: Value, weight: (...shape: number[]) => Value): Value[] =>
  [1, 2, 3].map(() => op.Reshape(op.MatMul(weight(4, 4), x), op.int64([-1, 2, 2, 3])));

/** Numbers that the graph must wait for x to know, and that do not change with it. */
const still = (op: GraphBuilder, x: Value, weight: (...shape: number[]) => Value): Value =>
  op.Add(op.Floor(op.Add(op.Mul(x, 0.1), 0.5)), weight(4, 3));

export const fusedAttentionCases = {
  fusedAttention: {
    // A gradient reads the weights: what is not differentiated is left in one piece.
    "attention that no gradient goes through": {
      x: [2, 4, 3],
      y: (op, x, weight) => {
        const [q, k, v] = heads(op, still(op, x, weight), weight);
        const scores = op.Mul(op.MatMul(swap(op, q), k), 0.7);
        const attended = op.MatMul(v, swap(op, op.Softmax(scores, { axis: -1 })));
        return op.Mul(op.Tanh(x), op.Reshape(attended, op.int64([-1, 4, 3])));
      },
    },
  },
  fusedHalfAttention: {
    "attention in halves that no gradient goes through": {
      half: true,
      x: [2, 4, 3],
      y: (op, x, weight) => {
        const half = (value: Value) => op.Cast(value, { to: "float16" });
        const [q, k, v] = heads(op, still(op, x, weight), weight).map(half);
        const scale = half(op.float(2 ** -0.25));
        const scores = op.MatMul(swap(op, op.Mul(q, scale)), op.Mul(k, scale));
        const p = half(op.Softmax(op.Cast(scores, { to: "float32" }), { axis: -1 }));
        const attended = op.Cast(op.MatMul(v, swap(op, p)), { to: "float32" });
        return op.Mul(op.Tanh(x), op.Reshape(attended, op.int64([-1, 4, 3])));
      },
    },
  },
} satisfies NetsByLowering;
