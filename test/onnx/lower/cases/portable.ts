import type { NetsByLowering } from "./net.ts";

export const portableCases = {
  logSoftmax: {
    "a log softmax": {
      x: [2, 5],
      y: (op, x) => op.LogSoftmax(x, { axis: 0 }),
    },
  },
  sum: {
    "a sum of three": {
      x: [2, 5],
      y: (op, x) => op.Tanh(op.Sum(x, op.Exp(x), x)),
    },
  },
  groupNorm: {
    "a group norm as one operator": {
      x: [2, 4, 3],
      y: (op, x, weight) => op.Tanh(op.GroupNormalization(x, weight(2), weight(2), { num_groups: 2 })),
    },
  },
  oneHot: {
    "a one-hot mask": {
      x: [2, 5],
      y: (op, x) => {
        const label = op.Cast(op.Add(op.Mul(op.ReduceMax(x, op.int64([1]), { keepdims: 0 }), 0.1), 2.5), {
          to: "int64",
        });
        return op.Mul(op.Tanh(x), op.OneHot(label, op.int64([5]), op.float([0.5, 2])));
      },
    },
  },
} satisfies NetsByLowering;
