import type { NetsByLowering } from "./net.ts";

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
} satisfies NetsByLowering;
