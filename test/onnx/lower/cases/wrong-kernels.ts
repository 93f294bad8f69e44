import type { GraphBuilder, Value } from "../../../../onnx/index.ts";
import type { NetsByLowering } from "./net.ts";

export const wrongKernelCases = {
  paddedChannels: {
    "a convolution of six channels to four": {
      x: [2, 6, 3, 2],
      y: (op, x, weight) => op.Tanh(op.Conv(x, weight(4, 6, 3, 3), weight(4), { pads: [1, 1, 1, 1] })),
    },
    // Its gradient is the convolution of six channels.
    "a convolution of sixteen channels to six": {
      x: [1, 16, 2, 3],
      y: (op, x, weight) => op.Tanh(op.Conv(x, weight(6, 16, 3, 3), { pads: [1, 1, 1, 1] })),
    },
    "a convolution of nine channels along a line, two at a time": {
      x: [1, 9, 5],
      y: (op, x, weight) => op.Tanh(op.Conv(x, weight(8, 9, 1), { strides: [2] })),
    },
    "a convolution of weights that are computed": {
      x: [1, 6, 2, 2],
      y: (op, x, weight) => op.Tanh(op.Conv(x, op.Exp(weight(4, 6, 2, 2)))),
    },
  },
  listedBias: {
    "a matrix product and a scalar": {
      x: [2, 3],
      y: (op, x, weight) => op.Tanh(op.Gemm(x, weight(3, 12), 0.5)),
    },
  },
  repeatedBeforeAnd: {
    "two conditions, one for each row": {
      x: [3, 4],
      y: (op, x) => {
        // Whole numbers apart, so that no small step of x changes a condition.
        const is = (value: Value, ones: readonly number[], dims: readonly number[]) =>
          op.Greater(op.Add(op.Mul(value, 0.05), op.float(ones, dims)), 0);
        const each = op.ReduceMean(x, op.int64([1]), { keepdims: 1 });
        const all = is(x, [1, -1, 1, 1, -1, 1, 1, 1, -1, -1, 1, 1], [3, 4]);
        return op.Where(op.And(all, is(each, [1, -1, 1], [3, 1])), op.Mul(x, x), op.Mul(x, 0.5));
      },
    },
  },
  repeatedBeforePow: {
    "powers, one for each row": {
      x: [2, 4],
      y: (op, x) => op.Pow(op.Add(op.Mul(x, x), 0.5), op.float([2, 3], [2, 1])),
    },
    "powers of bases by rows and exponents by columns": {
      x: [2, 1],
      y: (op, x) => op.Pow(op.Add(op.Mul(x, x), 0.5), op.float([1, 2, 3, 0.5])),
    },
  },
  cutBefore: {
    "a slice backwards that ends before the first value": {
      x: [2, 5],
      y: (op, x) => op.Tanh(op.Slice(x, op.int64([-2]), op.int64([0]), op.int64([1]), op.int64([-1]))),
    },
    "a slice backwards and one forwards": {
      x: [3, 7],
      y: (op, x) => op.Tanh(op.Slice(x, op.int64([5, 1]), op.int64([-100, 3]), op.int64([1, 0]), op.int64([-3, 1]))),
    },
  },
  turnedSlice: {
    "a slice backwards whose ends are computed": {
      x: [2, 5],
      y: (op, x) => op.Tanh(op.Slice(x, computed(op, x, -2), computed(op, x, 0), op.int64([1]), op.int64([-2]))),
    },
    "a slice backwards from the end to the beginning, and forwards, both computed": {
      x: [3, 5],
      y: (op, x) => {
        const ends = (a: number, b: number) => op.Concat(computed(op, x, a), computed(op, x, b), { axis: 0 });
        return op.Tanh(op.Slice(x, ends(100, 1), ends(-100, 100), op.int64([-1, 0]), op.int64([-1, 1])));
      },
    },
  },
  antialiased: {
    "an antialiased picture, smaller": {
      x: [1, 2, 6, 7],
      y: (op, x) => op.Tanh(op.Resize(x, null, null, op.int64([1, 2, 3, 4]), { mode: "linear", antialias: 1 })),
    },
    "an antialiased picture by its scales, its sides alone": {
      x: [1, 2, 6, 7],
      y: (op, x) => op.Tanh(op.Resize(x, null, op.float([0.4, 1.5]), { mode: "cubic", antialias: 1, axes: [2, -1] })),
    },
  },
  groupedVolumes: {
    "a convolution of volumes in groups": {
      x: [1, 4, 3, 2, 3],
      y: (op, x, weight) =>
        op.Tanh(op.Conv(x, weight(6, 2, 2, 2, 2), weight(6), { group: 2, pads: [1, 0, 0, 1, 1, 0] })),
    },
  },
  groupedVolumesTransposed: {
    "a transposed convolution of volumes in groups": {
      x: [1, 4, 2, 2, 2],
      y: (op, x, weight) =>
        op.Tanh(op.ConvTranspose(x, weight(4, 3, 2, 2, 2), weight(6), { group: 2, strides: [2, 1, 1] })),
    },
  },
} satisfies NetsByLowering;

/** A number that no pass over the graph knows. */
const computed = (op: GraphBuilder, x: Value, n: number): Value =>
  op.Add(op.Cast(op.Mul(op.ReduceMax(x, null, { keepdims: 0 }), 0), { to: "int64" }), op.int64([n]));
