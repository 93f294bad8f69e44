/** Transposed convolutions that onnxruntime 1.30's WebGPU provider cannot do, or does wrong without an error. */
import type { Value } from "../rewrite/builder.ts";
import { isStatic } from "../shapes/size.ts";
import { flippedWeights } from "./convolution.ts";
import type { Lowering, View } from "./rewrite.ts";
import { first } from "./simplify.ts";

/**
 * With groups, one output and an even number of inputs per group its values are wrong: a sum over the inputs of each
 * group, one at a time.
 */
const oneInputAtATime: Lowering = ({ inputs: [x, w, bias], outputs: [y], attributes }, { op, shape }) => {
  const dims = shape(w);
  const count = Number(dims?.[0]) / Number(attributes.group ?? 1);
  if (Number(attributes.group ?? 1) === 1 || dims?.[1] !== 1 || count % 2 !== 0) return undefined;
  const every = (value: Value, start: number, axis: number): Value =>
    op.Slice(value, op.int64([start]), op.int64([2 ** 31 - 1]), op.int64([axis]), op.int64([count]));
  const parts = Array.from({ length: count }, (_, i) =>
    op.ConvTranspose(every(x, i, 1), every(w, i, 0), (i === 0 && bias) || null, attributes),
  );
  return { [y]: parts.reduce((a, b) => op.Add(a, b)) };
};

/** With three spatial axes it has no kernel: zeros between the values, then a convolution with turned weights. */
const insertedZeros: Lowering = ({ inputs: [x, w, bias], outputs: [y], attributes }, view) => {
  const { op, shape } = view;
  const [dims, spatial] = [shape(w), shape(x)?.slice(2)];
  const { group = 1, output_shape: size, auto_pad: autoPad = "NOTSET" } = attributes;
  if (dims?.length !== 5 || group !== 1 || size || autoPad !== "NOTSET") return undefined;
  if (!isStatic(dims) || !isStatic(spatial)) return undefined;
  const kernel = dims.slice(2);
  const list = (name: string, otherwise: number): readonly number[] =>
    (attributes[name] as readonly number[] | undefined) ?? [...kernel, ...kernel].map(() => otherwise);
  const [strides, dilations, extra] = [list("strides", 1), list("dilations", 1), list("output_padding", 0)];
  const turned = list("pads", 0)
    .slice(0, 6)
    .map((pad, i) => (kernel[i % 3] - 1) * dilations[i % 3] - pad + (i < 3 ? 0 : extra[i % 3]));
  if (turned.some((pad) => pad < 0)) return undefined;
  const sides = [...spatial];
  const spread = spatial.reduce<Value>((value, _, i) => apart(view, value, sides, i, strides[i]), x);
  const conv = { kernel_shape: kernel, dilations: dilations.slice(0, 3), pads: turned };
  return { [y]: op.Conv(spread, flippedWeights(view, w, dims, 1), bias || null, conv) };
};

/** Puts stride − 1 zeros between the values of a spatial axis, and says so in `sides`. */
function apart({ op }: View, x: Value, sides: number[], i: number, stride: number): Value {
  if (stride === 1) return x;
  const axis = i + 2;
  const column = op.Unsqueeze(x, op.int64([axis + 1]));
  const zeros = op.Sub(column, column);
  const columns = op.Concat(column, ...Array.from({ length: stride - 1 }, () => zeros), { axis: axis + 1 });
  const merged = op.Reshape(columns, op.int64([0, 0, ...sides.with(i, sides[i] * stride)]));
  sides[i] = (sides[i] - 1) * stride + 1;
  return op.Slice(merged, op.int64([0]), op.int64([1 - stride]), op.int64([axis]));
}

export const transposedConv: Lowering = first(oneInputAtATime, insertedZeros);
