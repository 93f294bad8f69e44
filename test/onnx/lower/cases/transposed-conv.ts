import type { Net, NetsByLowering } from "./net.ts";

const strided = (sides: readonly number[], pads: readonly number[]): Net => ({
  x: [1, 2, ...sides],
  y: (op, x, weight) => op.Tanh(op.Conv(x, weight(3, 2, 3, 3), { pads, strides: [2, 2] })),
});

export const transposedConvCases = {
  oneInputAtATime: {
    "a transposed convolution of two inputs a group": {
      x: [1, 4, 5],
      y: (op, x, weight) => op.Tanh(op.ConvTranspose(x, weight(4, 1, 3), { group: 2 })),
    },
  },
  insertedZeros: {
    "a transposed convolution in three dimensions": {
      x: [1, 2, 2, 3, 2],
      y: (op, x, weight) => op.Tanh(op.ConvTranspose(x, weight(2, 2, 2, 2, 2), { strides: [2, 1, 1] })),
    },
  },
  evenPads: {
    // Their gradients are the transposed convolutions.
    "a strided convolution of even sides": strided([6, 4], [1, 1, 1, 1]),
    "a strided convolution padded at one end": strided([5, 4], [0, 1, 1, 0]),
    "a strided convolution that leaves a row out": strided([6, 5], [0, 0, 0, 0]),
    "a strided convolution padded by two and one": strided([5, 5], [2, 0, 0, 1]),
    "a transposed convolution with more added than was padded, and a bias": {
      x: [1, 3, 2, 3],
      y: (op, x, weight) =>
        op.Tanh(
          op.ConvTranspose(x, weight(3, 2, 3, 3), weight(2), {
            strides: [2, 2],
            output_padding: [1, 1],
            pads: [0, 1, 0, 2],
          }),
        ),
    },
  },
} satisfies NetsByLowering;
