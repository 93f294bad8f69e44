import type { GraphBuilder, Value } from "../../../../onnx/index.ts";
import type { NetsByLowering } from "./net.ts";

const repeatedMean = (op: GraphBuilder, x: Value): Value =>
  op.Expand(op.ReduceMean(x, op.int64([1]), { keepdims: 1 }), op.int64([2, 5]));

export const simplifyCases = {
  sameType: {
    "a cast to the type it has": {
      x: [2, 5],
      y: (op, x) => op.Tanh(op.Cast(x, { to: "float32" })),
      has: { Cast: 0 },
    },
  },
  sameShape: {
    "a view of the same shape": {
      x: [2, 5],
      y: (op, x) => op.Tanh(op.Reshape(x, op.int64([2, 5]))),
      has: { Reshape: 0 },
    },
  },
  reshapedTwice: {
    "a view of a view": {
      x: [2, 6],
      y: (op, x) => op.Tanh(op.Reshape(op.Reshape(x, op.int64([12])), op.int64([3, 4]))),
      has: { Reshape: 2 },
    },
  },
  timesOne: {
    "a product with one": {
      x: [2, 5],
      y: (op, x) => op.Tanh(op.Mul(x, 1)),
      has: { Tanh: 1 },
    },
  },
  smallFactorsFirst: {
    "a scale of each channel, then one of each sample": {
      x: [2, 3, 4],
      y: (op, x, weight) => op.Tanh(op.Mul(op.Mul(x, weight(3, 1)), weight(2, 1, 1))),
      has: { Mul: 4 },
    },
    "a scale of each channel, then one of each place": {
      x: [2, 3, 4],
      y: (op, x, weight) => op.Tanh(op.Mul(op.Mul(x, weight(3, 1)), weight(2, 1, 4))),
    },
    "a scale by which a smaller value is repeated": {
      x: [3, 1],
      y: (op, x, weight) => op.Tanh(op.Mul(op.Mul(x, weight(1, 1)), weight(2, 1, 4))),
    },
    "a scaled value that is read twice": {
      x: [2, 3, 4],
      y: (op, x, weight) => {
        const scaled = op.Mul(x, weight(3, 1));
        return op.Add(op.Tanh(op.Mul(scaled, weight(2, 1, 1))), scaled);
      },
    },
  },
  repeatedAddend: {
    "a mean that is added in full shape": {
      x: [2, 5],
      y: (op, x) => op.Tanh(op.Add(repeatedMean(op, x), x)),
    },
  },
  repeatedFactor: {
    "a mean that is multiplied in full shape": {
      x: [2, 5],
      y: (op, x) => op.Tanh(op.Mul(repeatedMean(op, x), x)),
    },
  },
  repeatedMinuend: {
    "a mean in full shape less something": {
      x: [2, 5],
      y: (op, x) => op.Tanh(op.Sub(repeatedMean(op, x), x)),
    },
  },
  repeatedSubtrahend: {
    "a mean that is subtracted in full shape": {
      x: [2, 5],
      y: (op, x) => op.Tanh(op.Sub(x, repeatedMean(op, x))),
    },
  },
} satisfies NetsByLowering;
