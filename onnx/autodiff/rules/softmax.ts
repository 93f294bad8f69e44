/** Gradients of softmax and its logarithm, over one axis (opset 13 and later). */
import type { Rules } from "../rule.ts";

export const softmax = {
  // y = eˣ/Σeˣ       x̄ = (ȳ − Σ ȳ·y)·y
  Softmax: ({ op, dy, y, attrs }) => {
    const sum = op.ReduceSum(op.Mul(dy, y), op.int64([attrs.axis ?? -1]), { keepdims: 1 });
    return [op.Mul(op.Sub(dy, sum), y)];
  },

  // y = x − ln Σeˣ   x̄ = ȳ − e^y·Σ ȳ
  LogSoftmax: ({ op, dy, y, attrs }) => {
    const sum = op.ReduceSum(dy, op.int64([attrs.axis ?? -1]), { keepdims: 1 });
    return [op.Sub(dy, op.Mul(op.Exp(y), sum))];
  },
} satisfies Rules;
