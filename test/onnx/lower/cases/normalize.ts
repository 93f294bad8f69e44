import type { GraphBuilder, Value } from "../../../../onnx/index.ts";
import type { NetsByLowering } from "./net.ts";

const silu = (op: GraphBuilder, x: Value): Value => op.Mul(x, op.Sigmoid(x));
const plainNorm = (op: GraphBuilder, x: Value, groups: number): Value =>
  op.InstanceNormalization(x, op.float(Array(groups).fill(1)), op.float(Array(groups).fill(0)), { epsilon: 1e-5 });

export const normalizeCases = {
  sharedStatistics: {
    "a group norm with the statistics of LayerNormalization": {
      x: [2, 4, 3, 3],
      y: (op, x, weight) => {
        const normed = op.Reshape(plainNorm(op, op.Reshape(x, op.int64([-1, 2, 18])), 2), op.int64([-1, 4, 3, 3]));
        return silu(op, op.Add(op.Mul(normed, weight(4, 1, 1)), weight(4, 1, 1)));
      },
      has: { LayerNormalization: 1, InstanceNormalization: 0, Sqrt: 0 },
    },
    "a group norm scaled by place": {
      x: [2, 4, 2, 3],
      y: (op, x, weight) => {
        const normed = op.Reshape(plainNorm(op, op.Reshape(x, op.int64([-1, 2, 12])), 2), op.int64([-1, 4, 2, 3]));
        return op.Add(op.Tanh(op.Mul(normed, weight(4, 2, 3))), op.Mul(normed, weight(1, 1, 1)));
      },
      has: { LayerNormalization: 1 },
    },
    "an instance norm with scale and bias": {
      x: [2, 3, 2, 3],
      y: (op, x, weight) => op.Tanh(op.InstanceNormalization(x, weight(3), weight(3), { epsilon: 0.01 })),
      has: { LayerNormalization: 1, InstanceNormalization: 0, Sqrt: 0 },
    },
    "a norm beside another use of its input": {
      x: [2, 2, 6],
      y: (op, x) => op.Mul(plainNorm(op, x, 2), op.Sub(x, op.ReduceMean(x, op.int64([2]), { keepdims: 1 }))),
      has: { LayerNormalization: 1, InstanceNormalization: 0 },
    },
  },
  plainInstanceNorm: {
    "a norm that no gradient leads through": {
      x: [2, 3, 10],
      y: (op, x, weight) => op.Mul(op.Tanh(x), plainNorm(op, weight(2, 3, 10), 3)),
    },
  },
  joinedScales: {
    "a group norm scaled by channel and by sample": {
      x: [2, 4, 2, 3],
      y: (op, x, weight) => {
        const normed = op.Reshape(plainNorm(op, op.Reshape(x, op.int64([-1, 2, 12])), 2), op.int64([-1, 4, 2, 3]));
        return op.Tanh(op.Mul(op.Mul(normed, weight(2, 4, 1, 1)), weight(1, 4, 1, 1)));
      },
      has: { LayerNormalization: 1, Sqrt: 0 },
    },
    "groups of channels kept apart, with a scale of each channel": {
      x: [2, 4, 4, 4],
      y: (op, x, weight) => {
        const grouped = op.Reshape(op.Mul(x, weight(2, 4, 1, 1)), op.int64([-1, 2, 2, 16]));
        return op.Tanh(op.Mul(grouped, weight(2, 2, 1)));
      },
    },
  },
} satisfies NetsByLowering;
