import type { GraphBuilder, Value } from "../../../../onnx/index.ts";
import type { NetsByLowering } from "./net.ts";

const conv = (op: GraphBuilder, x: Value, w: Value): Value =>
  op.Conv(x, w, { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });

export const convolutionCases = {
  flippedConv: {
    "convolutions with stride 1 as flipped ones": {
      x: [1, 16, 5, 4],
      y: (op, x, weight) => {
        const a = op.Conv(x, weight(16, 16, 3, 3), weight(16), { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
        const b = op.Conv(a, weight(16, 4, 2, 3), { kernel_shape: [2, 3], pads: [0, 2, 1, 0], group: 4 });
        return op.Conv(b, weight(3, 16, 2, 2), { kernel_shape: [2, 2], dilations: [2, 1] });
      },
      has: { ConvTranspose: 0, Conv: 3 },
    },
    "a convolution with few input channels, and one with a stride": {
      x: [1, 3, 5, 5],
      y: (op, x, weight) => {
        const a = op.Conv(x, weight(16, 3, 3, 3), { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
        return op.Conv(a, weight(2, 16, 3, 3), { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] });
      },
      has: { ConvTranspose: 2, Conv: 0 },
    },
  },
  repeated: {
    "an average pool that tiles, and a nearest upsampling": {
      x: [1, 2, 4, 4],
      y: (op, x) => {
        const small = op.AveragePool(x, { kernel_shape: [2, 2], strides: [2, 2] });
        const nearest = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
        return op.Mul(op.Resize(op.Tanh(small), null, op.float([1, 1, 2, 2]), nearest), x);
      },
      has: { ConvTranspose: 0 },
    },
  },
  resizedTogether: {
    "an average pool of several channels": {
      x: [2, 3, 4, 6],
      y: (op, x) => op.Tanh(op.AveragePool(x, { kernel_shape: [2, 3], strides: [2, 3] })),
      has: { ConvTranspose: 0, Resize: 1, Reshape: 0 },
    },
    "planes that are put together otherwise than they were": {
      x: [2, 3, 2, 2],
      y: (op, x) => {
        const nearest = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
        const planes = op.Resize(op.Reshape(x, op.int64([-1, 1, 2, 2])), null, op.float([1, 1, 2, 2]), nearest);
        return op.Tanh(op.Reshape(planes, op.int64([3, 2, 4, 4])));
      },
    },
  },
  dividedWeights: {
    "a convolution of an average pool": {
      x: [1, 16, 4, 4],
      y: (op, x, weight) =>
        op.Tanh(conv(op, op.AveragePool(x, { kernel_shape: [2, 2], strides: [2, 2] }), weight(16, 16, 3, 3))),
      has: { Div: 0, ConvTranspose: 0 },
    },
    "a quotient of a convolution that is read twice": {
      x: [1, 16, 4, 4],
      y: (op, x, weight) => {
        const y = conv(op, x, weight(16, 16, 3, 3));
        return op.Mul(op.Tanh(op.Div(y, 4)), y);
      },
    },
  },
  multipliedWeights: {
    "a scaled convolution": {
      x: [1, 16, 4, 4],
      y: (op, x, weight) => op.Tanh(op.Mul(conv(op, x, weight(16, 16, 3, 3)), 3)),
    },
    "a scaled convolution with a bias": {
      x: [1, 16, 4, 4],
      y: (op, x, weight) => {
        const weights = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
        return op.Tanh(op.Mul(op.Conv(x, weight(16, 16, 3, 3), weight(16), weights), 3));
      },
    },
  },
} satisfies NetsByLowering;
