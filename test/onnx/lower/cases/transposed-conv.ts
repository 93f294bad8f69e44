import type { NetsByLowering } from "./net.ts";

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
} satisfies NetsByLowering;
