/** Shapes of operators that resample, cut or unfold pictures and sequences. */
import type { DataType, Dim } from "../../ir.ts";
import type { Facts, InferContext, InferRule, InferRules } from "../facts.ts";
import { add, divide, mul, named, product, sub } from "../size.ts";
import { like } from "./elementwise.ts";
import { elements, integers, normalAxis } from "./shape.ts";

const withDims = (facts: Facts | undefined, dims: readonly Dim[] | undefined): Partial<Facts> => ({
  ...(facts && { type: facts.type }),
  ...(dims && { dims }),
});

/** Target sizes along some axes; of those that are not known, a name each. */
function resizedTo(context: InferContext, axes: readonly number[] | undefined): readonly Dim[] | undefined {
  const dims = context.x[0]?.dims;
  const sizes = elements(context, 1);
  return dims?.map((dim, axis) => {
    const place = axes ? axes.map((a) => normalAxis(a, dims.length)).indexOf(axis) : axis;
    return place < 0 ? dim : (sizes?.[place] ?? named(`${context.node.outputs[0]} ${axis}`));
  });
}

/** Random values of a given shape. */
const drawn =
  (
    type: DataType,
  ): InferRule<{ readonly dtype?: DataType | undefined; readonly shape?: readonly number[] | undefined }> =>
  ({ attrs: { dtype = type, shape } }) => [{ type: dtype, ...(shape && { dims: shape }) }];

export const sampling = {
  RandomNormal: drawn("float32"),
  RandomUniform: drawn("float32"),
  Multinomial: ({ x: [a], attrs: { dtype = "int32", sample_size: size = 1 } }) => [
    { type: dtype, ...(a?.dims && { dims: [a.dims[0], size] }) },
  ],
  // Rows of batch, class and box of those that are kept
  NonMaxSuppression: ({ node }) => [{ type: "int64", dims: [named(node.outputs[0]), 3] }],
  // Regions of N×C×H×W, each C×output_height×output_width
  RoiAlign: ({ x: [a, regions], attrs: { output_height: height = 1, output_width: width = 1 } }) => [
    withDims(a, a?.dims && regions?.dims && [regions.dims[0], a.dims[1], height, width]),
  ],
  // One value a place of the offsets and filter of W
  DeformConv: ({ x: [a, w, offset] }) => [
    withDims(a, a?.dims && w?.dims && offset?.dims && [a.dims[0], w.dims[0], offset.dims[2], offset.dims[3]]),
  ],
  // What there is, where each was first, which each one is, and how many of each
  Unique: ({ x: [a], attrs: { axis }, node }) => {
    const count = named(node.outputs[0]);
    const each: Partial<Facts> = { type: "int64", dims: [count] };
    const length = axis === undefined ? a?.dims && product(a.dims) : a?.dims?.at(axis);
    const inverse: Partial<Facts> = { type: "int64", ...(length !== undefined && { dims: [length] }) };
    const dims = axis === undefined ? [count] : a?.dims?.with(normalAxis(axis, a.dims.length), count);
    return [withDims(a, dims), each, inverse, each];
  },
  ReverseSequence: like,
  CenterCropPad: (context) => [withDims(context.x[0], resizedTo(context, context.attrs.axes))],
  Compress: ({ x: [a], attrs, node }) => {
    const taken = named(node.outputs[0]);
    if (attrs.axis === undefined) return [withDims(a, [taken])];
    return [withDims(a, a?.dims?.with(normalAxis(Number(attrs.axis), a.dims.length), taken))];
  },
  // N×C×H×W sampled at N×H′×W′×2 places
  GridSample: ({ x: [a, grid] }) => [
    withDims(a, a?.dims && grid?.dims && [...a.dims.slice(0, 2), ...grid.dims.slice(1, -1)]),
  ],
  // N×d×(d + 1) matrices and the size N×C×… of the picture to be: N×…×d places
  AffineGrid: (context) => {
    const [theta] = context.x;
    const size = elements(context, 1);
    const dims = theta?.dims && size && [theta.dims[0], ...size.slice(2), theta.dims[1]];
    return [withDims(theta, dims)];
  },
  MaxUnpool: (context) => {
    const { x, attrs } = context;
    const [a] = x;
    if (!a?.dims) return [withDims(a, elements(context, 2))];
    // An output_shape that is known only at run time.
    if (context.node.inputs[2])
      return [
        withDims(a, elements(context, 2) ?? a.dims.map((_, axis) => named(`${context.node.outputs[0]} ${axis}`))),
      ];
    const kernel = attrs.kernel_shape!;
    const { strides = kernel.map(() => 1), pads = kernel.flatMap(() => [0, 0]) } = attrs as Record<string, number[]>;
    const sizes = a.dims.slice(2).map((dim, i) => {
      const reach = kernel[i] - pads[i] - pads[i + kernel.length];
      return add(mul(sub(dim, 1), strides[i]), reach);
    });
    return [withDims(a, [...a.dims.slice(0, 2), ...sizes])];
  },
  // N×(C·block)×L columns folded to N×C×H×W
  Col2Im: (context) => {
    const [a] = context.x;
    const [size, block] = [elements(context, 1), integers(context, 2)];
    if (!a?.dims || !size || !block) return [withDims(a, undefined)];
    const channels = divide(a.dims[1], product(block)) ?? named(`${context.node.outputs[0]} 1`);
    return [withDims(a, [a.dims[0], channels, ...size])];
  },
} satisfies InferRules;
