import type { conv } from "../../../../onnx/autodiff/rules/conv.ts";
import type { GradientCase } from "../../../support/check-gradient.ts";

/** As exporters write them, with the kernel's size as an attribute. */
const sized = (cases: readonly GradientCase[]): GradientCase[] =>
  cases.map((given) => ({ ...given, attrs: { kernel_shape: (given.x[1] as number[]).slice(2), ...given.attrs } }));

export const convCases = {
  Conv: [
    {
      x: [
        [1, 2, 4, 3],
        [2, 2, 2, 3],
      ],
      fixedShapes: true,
    },
    ...sized([
      { x: [[2, 2, 4, 5], [3, 2, 3, 3], [3]], attrs: { pads: [1, 1, 1, 1] } },
      {
        x: [
          [1, 2, 5, 4],
          [2, 2, 3, 2],
        ],
      },
      {
        x: [
          [1, 2, 5, 6],
          [2, 2, 3, 3],
        ],
        attrs: { strides: [2, 2], pads: [1, 1, 1, 1] },
      },
      {
        x: [
          [1, 2, 6, 6],
          [2, 2, 3, 3],
        ],
        attrs: { strides: [2, 3], pads: [1, 0, 0, 1] },
      },
      {
        x: [
          [1, 1, 6, 5],
          [2, 1, 2, 2],
        ],
        attrs: { dilations: [2, 3], pads: [1, 1, 1, 1] },
      },
      { x: [[2, 4, 3, 3], [4, 2, 2, 2], [4]], attrs: { group: 2 } },
      // an even number of outputs for one input per group
      { x: [[2, 2, 4, 4], [4, 1, 3, 3], [4]], attrs: { group: 2, pads: [1, 1, 1, 1] } },
      {
        x: [
          [1, 3, 4, 4],
          [3, 1, 3, 3],
        ],
        attrs: { group: 3, pads: [1, 1, 1, 1] },
      },
      {
        x: [
          [1, 2, 3, 3],
          [3, 2, 1, 1],
        ],
      },
      {
        x: [
          [1, 2, 5, 5],
          [2, 2, 3, 3],
        ],
        attrs: { auto_pad: "SAME_UPPER" },
      },
      {
        x: [
          [1, 1, 5, 6],
          [2, 1, 2, 3],
        ],
        attrs: { auto_pad: "SAME_LOWER", strides: [2, 2] },
        fixedShapes: true,
      },
      {
        x: [
          [1, 1, 5, 5],
          [1, 1, 2, 2],
        ],
        attrs: { auto_pad: "VALID", strides: [2, 2], dilations: [2, 1] },
      },
      { x: [[2, 2, 6], [3, 2, 3], [3]], attrs: { pads: [1, 1] } },
      {
        x: [
          [1, 2, 5],
          [3, 2, 1],
        ],
      },
      {
        x: [
          [1, 2, 7],
          [2, 2, 3],
        ],
        attrs: { strides: [3], pads: [2, 0] },
      },
      {
        x: [
          [1, 1, 3, 3, 3],
          [2, 1, 2, 2, 2],
        ],
        attrs: { strides: [1, 2, 1], pads: [0, 1, 0, 1, 0, 0] },
      },
      { x: [[1, 2, 3, 3, 3], [2, 2, 2, 2, 2], [2]], attrs: { dilations: [1, 2, 1], pads: [0, 1, 0, 1, 0, 1] } },
    ]),
  ],
  ConvTranspose: [
    {
      x: [
        [1, 2, 4, 3],
        [2, 2, 2, 3],
      ],
      fixedShapes: true,
    },
    ...sized([
      { x: [[2, 2, 3, 3], [2, 3, 3, 3], [3]], attrs: { pads: [1, 1, 1, 1] } },
      {
        x: [
          [1, 2, 3, 4],
          [2, 1, 2, 3],
        ],
        attrs: { strides: [2, 2], output_padding: [1, 0], pads: [0, 1, 1, 0] },
      },
      {
        x: [
          [1, 4, 3, 3],
          [4, 1, 2, 2],
        ],
        attrs: { group: 2, strides: [2, 1] },
      },
      {
        x: [
          [1, 1, 3, 3],
          [1, 2, 2, 2],
        ],
        attrs: { dilations: [2, 1], strides: [1, 2] },
      },
      {
        x: [
          [1, 2, 3, 3],
          [2, 1, 3, 3],
        ],
        attrs: { strides: [2, 2], auto_pad: "SAME_UPPER" },
        fixedShapes: true,
      },
      {
        x: [
          [1, 2, 3, 3],
          [2, 1, 3, 3],
        ],
        attrs: { strides: [2, 2], auto_pad: "SAME_LOWER" },
        fixedShapes: true,
      },
      {
        x: [
          [1, 1, 3, 3],
          [1, 1, 3, 3],
        ],
        attrs: { strides: [2, 2], output_shape: [6, 6] },
        fixedShapes: true,
      },
      { x: [[2, 2, 4], [2, 3, 3], [3]], attrs: { strides: [2], pads: [1, 1], output_padding: [1] } },
      {
        x: [
          [1, 2, 4],
          [2, 2, 1],
        ],
      },
      {
        x: [
          [1, 1, 2, 2, 2],
          [1, 1, 2, 2, 2],
        ],
        attrs: { strides: [1, 2, 1] },
      },
    ]),
  ],
} satisfies Record<keyof typeof conv, readonly GradientCase[]>;
