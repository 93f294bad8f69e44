/**
 * Transposed convolutions that a provider of onnxruntime's cannot do, or does wrong without an error: WebGPU's as of 1.30, CUDA's as of
 * 1.29.
 */
import type { GraphBuilder, Value } from "../rewrite/builder.ts";
import { is } from "../rewrite/pattern.ts";
import { row } from "../rewrite/row.ts";
import { windowOf } from "../shapes/rules/convolution.ts";
import { isStatic, sameDims } from "../shapes/size.ts";
import { flippedWeights } from "./convolution.ts";

/**
 * With groups, one output and an even number of inputs per group its values are wrong: a sum over the inputs of each
 * group, one at a time.
 */
export const oneInputAtATime = row({
  pattern: is.ConvTranspose("x", "w", "bias"),
  becomes(op, { x, w, bias }, { attrs, shape }) {
    const dims = shape(w);
    const count = Number(dims?.[0]) / (attrs.group ?? 1);
    if ((attrs.group ?? 1) === 1 || dims?.[1] !== 1 || count % 2 !== 0) return undefined;
    const every = (value: Value, start: number, axis: number): Value =>
      op.Slice(value, op.int64([start]), op.int64([2 ** 31 - 1]), op.int64([axis]), op.int64([count]));
    const parts = Array.from({ length: count }, (_, i) =>
      op.ConvTranspose(every(x, i, 1), every(w, i, 0), (i === 0 && bias) || null, attrs),
    );
    return parts.reduce((a, b) => op.Add(a, b));
  },
});

/** With three spatial axes it has no kernel: zeros between the values, then a convolution with turned weights. */
export const insertedZeros = row({
  pattern: is.ConvTranspose("x", "w", "bias"),
  becomes(op, { x, w, bias }, { attrs, shape }) {
    const [dims, spatial] = [shape(w), shape(x)?.slice(2)];
    const { group = 1, output_shape: size, output_padding: extra = [0, 0, 0] } = attrs;
    if (dims?.length !== 5 || group !== 1 || size || !isStatic(dims) || !isStatic(spatial)) return undefined;
    const { kernel, strides, dilations, pads, autoPad } = windowOf(attrs, dims.slice(2));
    const turned = pads.map((pad, i) => (kernel[i % 3] - 1) * dilations[i % 3] - pad + (i < 3 ? 0 : extra[i % 3]));
    if (autoPad !== "NOTSET" || turned.some((pad) => pad < 0)) return undefined;
    const sides = [...spatial];
    const spread = spatial.reduce<Value>((value, _, i) => apart(op, value, sides, i, strides[i]), x);
    const conv = { kernel_shape: kernel, dilations, pads: turned };
    return op.Conv(spread, flippedWeights(op, w, dims, 1), bias || null, conv);
  },
});

/** Puts stride − 1 zeros between the values of a spatial axis, and says so in `sides`. */
function apart(op: GraphBuilder, x: Value, sides: number[], i: number, stride: number): Value {
  if (stride === 1) return x;
  const axis = i + 2;
  const column = op.Unsqueeze(x, op.int64([axis + 1]));
  const zeros = op.Sub(column, column);
  const columns = op.Concat(column, ...Array.from({ length: stride - 1 }, () => zeros), { axis: axis + 1 });
  const merged = op.Reshape(columns, op.int64([0, 0, ...sides.with(i, sides[i] * stride)]));
  sides[i] = (sides[i] - 1) * stride + 1;
  return op.Slice(merged, op.int64([0]), op.int64([1 - stride]), op.int64([axis]));
}

/**
 * CUDA has a kernel only where as much is padded at both ends and nothing added at one, and leaves others to the processor, with a copy
 * there and back; those are the gradients of most strided convolutions. The wider result is computed and its ends cut off.
 */
export const evenPads = row({
  pattern: is.ConvTranspose("x", "w", "bias"),
  becomes(op, { x, w, bias }, { attrs, shape }) {
    const { output_shape: size, output_padding: extra, ...rest } = attrs;
    const dims = shape(w)?.slice(2);
    if (size || !isStatic(dims) || dims.length === 0) return undefined;
    const { pads, autoPad } = windowOf(attrs, dims);
    const rank = dims.length;
    const before = pads.slice(0, rank);
    const after = dims.map((_, i) => pads[i + rank] - (extra?.[i] ?? 0));
    const isEven = !extra?.some((n) => n !== 0) && sameDims(before, after);
    if (autoPad !== "NOTSET" || isEven || before.some((pad) => pad < 0)) return undefined;
    const even = before.map((pad, i) => Math.max(0, Math.min(pad, after[i])));
    // Where more is added than was padded, there is nothing but the bias.
    const missing = after.map((pad) => Math.max(0, -pad));
    const isShort = missing.some((n) => n > 0);
    const whole = op.ConvTranspose(x, w, (!isShort && bias) || null, { ...rest, pads: [...even, ...even] });
    const longer = isShort ? op.Pad(whole, op.int64([0, 0, ...dims.map(() => 0), 0, 0, ...missing])) : whole;
    const uncut = before.flatMap((pad, i) => (pad > even[i] || after[i] > even[i] ? [i] : []));
    const ends = uncut.map((i) => (after[i] > even[i] ? even[i] - after[i] : 2 ** 31 - 1));
    const begins = uncut.map((i) => before[i] - even[i]);
    const cut =
      uncut.length > 0 ? op.Slice(longer, op.int64(begins), op.int64(ends), op.int64(uncut.map((i) => i + 2))) : longer;
    return isShort && bias ? op.Add(cut, op.Reshape(bias, op.int64([-1, ...dims.map(() => 1)]))) : cut;
  },
});
