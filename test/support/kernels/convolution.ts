import { each, type KernelCase, kernelCase, shapes, upTo } from "./case.ts";

interface Window {
  readonly kernel: readonly number[];
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  readonly pads?: readonly number[];
  readonly group?: number;
  readonly output_padding?: readonly number[];
}

/** Channels in and out, and a bias where there are more of the ones than of the others. */
function convolution(
  operator: "Conv" | "ConvTranspose",
  [inputs, outputs]: readonly [number, number],
  x: readonly number[],
  { kernel, group = 1, ...rest }: Window,
): KernelCase {
  const same = [...kernel, ...kernel].map((k) => (k - 1) >> 1);
  const attributes = { pads: same, kernel_shape: kernel, group, ...rest };
  const [first, second] = operator === "Conv" ? [outputs, inputs] : [inputs, outputs];
  const w = [first, second / group, ...kernel];
  const text = Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [`${name} ${value}`]));
  const what = `${operator} of ${inputs} to ${outputs}, ${text.join(", ")},`;
  const [batch, ...sides] = x;
  return kernelCase(what, [[batch, inputs, ...sides], w, ...(inputs > outputs ? [[outputs]] : [])], (op, ...values) =>
    op[operator](...values, attributes),
  );
}

const square = [3, 3];

export const convolutions: readonly KernelCase[] = [
  ...each(upTo(40), [1, 3, 4, 6, 8, 9, 32]).map((channels) =>
    convolution("Conv", channels, [1, 7, 7], { kernel: square }),
  ),
  ...each(shapes("1,1 3,1 1,3 2,2 4,4 5,5 7,7"), [1, 2, 3, 5, 6, 8, 9, 12], [3, 4], shapes("1,1 2,2 1,2 3,3")).map(
    ([kernel, inputs, outputs, strides]) => convolution("Conv", [inputs, outputs], [2, 9, 8], { kernel, strides }),
  ),
  ...each(
    [3, 4, 6, 8],
    [3, 4],
    shapes("0,0,0,0 0,1,1,0 2,0,0,1 0,0,1,1 3,1,0,2"),
    shapes("1,1 2,2 1,3"),
    shapes("1,1 2,2"),
  ).map(([inputs, outputs, pads, dilations, strides]) =>
    convolution("Conv", [inputs, outputs], [1, 8, 9], { kernel: square, pads, dilations, strides }),
  ),
  ...each([1, 2, 3, 16], shapes("1,1 1,7 3,3 5,4 16,16 17,15"), shapes("3,4 6,4 8,5 7,7")).map(
    ([batch, sides, [inputs, outputs]]) =>
      convolution("Conv", [inputs, outputs], [batch, ...sides], { kernel: square }),
  ),
  ...each(
    shapes("2,4,4 2,12,8 2,6,4 3,9,12 3,18,12 4,4,8 5,5,5 6,6,12 32,32,32 2,10,4"),
    shapes("1,1 2,2"),
    shapes("1,1 3,3 5,5"),
    [1, 3],
  ).map(([[group, inputs, outputs], strides, kernel, batch]) =>
    convolution("Conv", [inputs, outputs], [batch, 8, 9], { kernel, strides, group }),
  ),
  ...each([1, 2, 3, 4, 6, 9, 15, 33], [3, 4, 8], shapes("1 3 4"), shapes("1 2")).map(
    ([inputs, outputs, kernel, strides]) => convolution("Conv", [inputs, outputs], [2, 13], { kernel, strides }),
  ),
  ...each([1, 3, 4, 6], [1, 3, 4], shapes("1,1,1 2,2,2")).map(([inputs, outputs, strides]) =>
    convolution("Conv", [inputs, outputs], [1, 5, 4, 6], { kernel: [3, 3, 3], strides }),
  ),
  ...each([1, 3, 4, 6, 9], [1, 3, 4, 8], shapes("4,4 3,5")).map(([inputs, outputs, kernel]) =>
    convolution("Conv", [inputs, outputs], [2, ...kernel], { kernel, pads: [0, 0, 0, 0] }),
  ),
];

export const transposedConvolutions: readonly KernelCase[] = [
  ...each(upTo(20), [1, 2, 3, 4, 6, 9]).map((channels) =>
    convolution("ConvTranspose", channels, [1, 5, 5], { kernel: square }),
  ),
  ...each([3, 4, 6], [1, 3, 4, 8], [
    { kernel: square, strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
    { kernel: [4, 4], strides: [2, 2], pads: [1, 1, 1, 1] },
    { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] },
    { kernel: square, strides: [2, 2], pads: [0, 1, 1, 0] },
    { kernel: square, strides: [3, 3], pads: [0, 0, 0, 0], output_padding: [2, 1] },
    { kernel: [1, 1], strides: [2, 2], pads: [0, 0, 0, 0], output_padding: [1, 1] },
    { kernel: square, dilations: [2, 2], pads: [0, 0, 0, 0] },
    { kernel: square, dilations: [1, 3], strides: [2, 2], pads: [0, 0, 0, 0] },
  ] satisfies readonly Window[]).map(([inputs, outputs, window]) =>
    convolution("ConvTranspose", [inputs, outputs], [2, 5, 4], window),
  ),
  ...each(shapes("2,4,4 2,6,4 3,9,6 4,8,4 2,8,2 4,4,8 3,9,3 8,8,8"), shapes("1,1 2,2"), shapes("2,2 3,3")).map(
    ([[group, inputs, outputs], strides, kernel]) =>
      convolution("ConvTranspose", [inputs, outputs], [2, 5, 5], { kernel, strides, group }),
  ),
  ...each([1, 3, 4, 6], [1, 3, 4], shapes("2 3 4"), shapes("1 2")).map(([inputs, outputs, kernel, strides]) =>
    convolution("ConvTranspose", [inputs, outputs], [2, 9], { kernel, strides }),
  ),
];
