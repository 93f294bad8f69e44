/** Convolutions and pools of the backward pass. */
import type { GraphBuilder, Value } from "../rewrite/builder.ts";
import { is } from "../rewrite/pattern.ts";
import { type Row, row, type View } from "../rewrite/row.ts";
import { windowOf } from "../shapes/rules/convolution.ts";
import { sameDims } from "../shapes/size.ts";

/** Below this many output channels ConvTranspose is faster: 0.7 against 2.1 ms for 64→3 at 64². */
const fewChannels = 16;

/**
 * A transposed convolution with stride 1 is a convolution with the kernel turned around: 5.8 against 9.4 ms for 64
 * channels at 64² on the CPU, whose Conv has a blocked layout and whose ConvTranspose has none.
 */
export const flippedConv = row({
  pattern: is.ConvTranspose("x", "w", "bias"),
  becomes(op, { x, w, bias }, { attrs, constant }) {
    const dims = constant(w)?.dims;
    const { output_padding: extra = [], output_shape: size, group = 1 } = attrs;
    if (!dims || size || dims[1] * group < fewChannels) return undefined;
    const { kernel, strides, dilations, pads, autoPad } = windowOf(attrs, dims.slice(2));
    if (autoPad !== "NOTSET" || strides.some((n) => n !== 1) || extra.some((n) => n !== 0)) return undefined;
    const turned = pads.map((pad, i) => (kernel[i % kernel.length] - 1) * dilations[i % kernel.length] - pad);
    if (turned.some((pad) => pad < 0)) return undefined;
    const flipped = flippedWeights(op, w, dims, group);
    return op.Conv(x, flipped, bias || null, { kernel_shape: kernel, dilations, pads: turned, group });
  },
});

/** M×(C/g)×kernel → C×(M/g)×kernel, the kernel turned around. The runtime computes it once, when it loads the graph. */
export function flippedWeights(op: GraphBuilder, w: Value, dims: readonly number[], group: number): Value {
  const kernel = dims.slice(2);
  const axes = kernel.map((_, i) => i + 2);
  const swapped =
    group === 1
      ? op.Transpose(w, { perm: [1, 0, ...axes] })
      : op.Reshape(
          op.Transpose(op.Reshape(w, op.int64([group, dims[0] / group, dims[1], ...kernel])), {
            perm: [0, 2, 1, ...axes.map((axis) => axis + 1)],
          }),
          op.int64([group * dims[1], dims[0] / group, ...kernel]),
        );
  const turning = axes.filter((_, i) => kernel[i] > 1);
  if (turning.length === 0) return swapped;
  const each = (value: number): Value => op.int64(turning.map(() => value));
  return op.Slice(swapped, each(-1), each(-(2 ** 31)), op.int64(turning), each(-1));
}

/**
 * A transposed convolution of ones whose windows tile repeats each value over its window, as a nearest Resize does:
 * 0.23 against 0.55 ms.
 */
export const repeated = row({
  pattern: is.ConvTranspose("x", "w"),
  when({ w }, { attrs, constant, numbers }) {
    const dims = constant(w)?.dims;
    if (dims?.length !== 4 || dims[0] !== 1 || dims[1] !== 1 || (attrs.group ?? 1) !== 1) return false;
    const { kernel, strides, dilations, pads } = windowOf(attrs, dims.slice(2));
    const all = (list: readonly number[] | undefined, value: number) => list?.every((n) => n === value) ?? false;
    const tiles = sameDims(strides, kernel) && all(dilations, 1) && all(pads, 0) && all(attrs.output_padding ?? [], 0);
    return tiles && all(numbers(w), 1);
  },
  becomes(op, { x, w }, { constant }) {
    const nearest = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
    return op.Resize(x, null, op.float([1, 1, ...constant(w)!.dims.slice(2)]), nearest);
  },
});

/** Planes need not be apart to be made larger: a Resize that leaves the first axes takes them as they are. */
export const resizedTogether = row({
  pattern: is.Reshape(is.Resize(is.Reshape("x").as("planes"), "roi", "scales").as("resized")).as("y"),
  when({ x, planes, resized, y, roi, scales }, { attributesOf, numbers, shape }) {
    const { mode = "nearest", axes } = attributesOf("Resize", resized);
    const factors = numbers(scales);
    const [from, to, large] = [shape(x), shape(y), shape(resized)];
    if (mode !== "nearest" || axes || roi !== "" || factors?.length !== 4 || !from || !large) return false;
    const keeps = factors[0] === 1 && factors[1] === 1;
    const isApart = sameDims(shape(planes)?.slice(2), from.slice(2)) && shape(planes)?.[1] === 1;
    return keeps && isApart && from.length === 4 && sameDims(to, [...from.slice(0, 2), ...large.slice(2)]);
  },
  becomes: (op, { x, scales, resized }, { attributesOf }) =>
    op.Resize(x, null, scales, attributesOf("Resize", resized)),
});

/** A number by which what a convolution without a bias makes is multiplied or divided, as part of its weights. */
export const scaledWeights = (operator: "Mul" | "Div"): Row =>
  row({
    pattern: is[operator](is.Conv("x", "w", "bias").as("made"), "c"),
    when: ({ w, bias, made, c }, view) =>
      bias === "" &&
      view.uses(made) === 1 &&
      view.constant(c)?.dims.length === 0 &&
      view.type(w) === "float32" &&
      isWeight(view, w),
    becomes: (op, { x, w, c, made }, { attributesOf }) => op.Conv(x, op[operator](w, c), attributesOf("Conv", made)),
  });

const viewsOfWeights = [is.Slice("weight"), is.Transpose("weight"), is.Reshape("weight")];

/** Whether a runtime knows it when it loads the graph. */
const isWeight = (view: View, value: Value): boolean =>
  !!view.constant(value) ||
  viewsOfWeights.some((form) => view.find(form, value, ({ weight }) => isWeight(view, weight)) !== undefined);
