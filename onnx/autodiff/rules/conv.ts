/** Gradients of convolutions over any number of spatial axes. A convolution's adjoint is the transposed convolution. */
import type { Value } from "../../rewrite/builder.ts";
import { type Window, type WindowAttributes, windowOf } from "../../shapes/rules/convolution.ts";
import type { RuleContext, Rules } from "../rule.ts";
import { overChannels } from "./channels.ts";

export const conv = {
  // y = w ∗ x + b    x̄ = wᵀ ∗ ȳ            w̄ = x ∗ ȳ              b̄ = Σ ȳ          (made fast by a lowering, not here)
  Conv: (c) => {
    const { dy, attrs, wants } = c;
    const [x, w] = c.x;
    const window = windowOf(attrs, kernelOf(c, w));
    const pads = resolvedPads(c, window, x, c.y);
    return [
      wants[0] ? unslide(c, dy, w, { ...window, pads }, x, attrs.group ?? 1) : null,
      wants[1] ? weightGradient(c, x, dy, { ...window, pads }, attrs.group ?? 1) : null,
      wants[2] ? overChannels(c, dy) : null,
    ];
  },

  // y = wᵀ ∗ x + b   x̄ = w ∗ ȳ             w̄ = ȳ ∗ x              b̄ = Σ ȳ
  ConvTranspose: (c) => {
    const { op, dy, attrs, wants } = c;
    const [x, w] = c.x;
    const window = windowOf(attrs, kernelOf(c, w));
    const { strides, dilations, kernel } = window;
    const group = attrs.group ?? 1;
    const extra = attrs.output_padding ?? kernel.map(() => 0);
    const pads = transposedPads(c, window, extra);
    return [
      wants[0] ? op.Conv(dy, w, { strides, dilations, pads, group }) : null,
      wants[1] ? weightGradient(c, dy, x, { ...window, pads }, group) : null,
      wants[2] ? overChannels(c, dy) : null,
    ];
  },
} satisfies Rules;

function kernelOf(c: RuleContext<WindowAttributes>, w: Value): readonly number[] {
  const kernel = c.attrs.kernel_shape ?? c.shape(w)?.slice(2);
  if (!kernel?.every((size) => typeof size === "number")) throw c.error("its kernel size is not known");
  return kernel as readonly number[];
}

/** Reach of a window: cells from its first to its last. */
const reach = ({ kernel, dilations }: Window, i: number): number => (kernel[i] - 1) * dilations[i] + 1;

const sideOf = ({ shape }: RuleContext, value: Value, i: number): number | undefined => {
  const dim = shape(value)?.[i + 2];
  return typeof dim === "number" ? dim : undefined;
};

/** The pads that auto_pad comes to: the window's last cell at the last value. */
export function resolvedPads(c: RuleContext, window: Window, x: Value, y: Value): readonly number[] {
  const { kernel, strides, pads, autoPad } = window;
  if (!autoPad.startsWith("SAME")) return pads;
  const totals = kernel.map((_, i) => {
    const [from, to] = [sideOf(c, x, i), sideOf(c, y, i)];
    if (from === undefined || to === undefined) {
      if (strides[i] === 1) return reach(window, i) - 1;
      throw c.error(`auto_pad ${autoPad} with a stride needs a known size`);
    }
    return Math.max((to - 1) * strides[i] + reach(window, i) - from, 0);
  });
  return evenly(totals, autoPad === "SAME_UPPER");
}

/** Halves of each total before and after; the odd cell goes to the end for `upper`. */
const evenly = (totals: readonly number[], upper: boolean): readonly number[] => {
  const small = totals.map((total) => Math.floor(total / 2));
  const large = totals.map((total, i) => total - small[i]);
  return upper ? [...small, ...large] : [...large, ...small];
};

/** Pads of a ConvTranspose, which an output_shape or auto_pad may leave to be worked out. */
function transposedPads(c: RuleContext, window: Window, extra: readonly number[]): readonly number[] {
  const { y, attrs } = c;
  const [x] = c.x;
  if (!attrs.output_shape && !window.autoPad.startsWith("SAME")) return window.pads;
  const totals = window.kernel.map((_, i) => {
    const [from, to] = [sideOf(c, x, i), sideOf(c, y, i)];
    if (from === undefined || to === undefined) throw c.error("output_shape or auto_pad needs a known size");
    return (from - 1) * window.strides[i] + extra[i] + reach(window, i) - to;
  });
  return evenly(
    totals.map((total) => Math.max(total, 0)),
    window.autoPad === "SAME_UPPER",
  );
}

/** How far the last window reaches beyond the end of x, less than 0 where it stops before; undefined if unknown. */
const reachBeyond = (c: RuleContext, window: Window, x: Value, y: Value): readonly (number | undefined)[] =>
  window.kernel.map((_, i) => {
    const { strides, pads, kernel } = window;
    const [from, to] = [sideOf(c, x, i), sideOf(c, y, i)];
    if (from !== undefined && to !== undefined) return (to - 1) * strides[i] + reach(window, i) - pads[i] - from;
    return strides[i] === 1 ? pads[i + kernel.length] : undefined;
  });

/** Pads at the end that let the last window of a pool hang over; undefined where that is known only at run time. */
export function overhang(c: RuleContext, window: Window, x: Value, y: Value): readonly number[] | undefined {
  const over = reachBeyond(c, window, x, y);
  return over.every((size) => size !== undefined) ? over.map((size) => Math.max(size, 0)) : undefined;
}

/** At run time: a convolution whose last windows hang over as far as any can, cut to the windows that y has. */
export function overhung(c: RuleContext, value: Value, w: Value, window: Window, y: Value): Value {
  const { op, shapeOf } = c;
  const { kernel, strides, dilations, pads } = window;
  const rank = kernel.length;
  const end = kernel.map((_, i) => reach(window, i) + strides[i]);
  const all = op.Conv(value, w, { strides, dilations, pads: [...pads.slice(0, rank), ...end] });
  const axes = op.int64(kernel.map((_, i) => i + 2));
  const size = op.Slice(shapeOf(y), op.int64([2]), op.int64([2 + rank]));
  return op.Slice(all, op.int64(kernel.map(() => 0)), size, axes);
}

/**
 * Sends windows back to where they came from: the transposed convolution of dy, brought to the size of x. The cells
 * that no window reached, after a stride, are output_padding; those of a window that hung over the end are cut off.
 */
export function unslide(c: RuleContext, dy: Value, w: Value, window: Window, x: Value, group: number): Value {
  const { op, shapeOf } = c;
  const { kernel, strides, dilations, pads } = window;
  const rank = kernel.length;
  const over = reachBeyond(c, window, x, dy);
  if (over.every((size) => size !== undefined)) {
    const end = over.map((size) => Math.max(size, 0));
    const extra = over.map((size) => Math.max(-size, 0));
    const padding = extra.some((size) => size > 0) ? { output_padding: extra } : {};
    return op.ConvTranspose(dy, w, { strides, dilations, group, pads: [...pads.slice(0, rank), ...end], ...padding });
  }
  // Sizes are known only at run time: everything a window could have reached, then cut to x.
  const full = op.ConvTranspose(dy, w, {
    strides,
    dilations,
    group,
    output_padding: strides.map((stride) => stride - 1),
  });
  const axes = op.int64(kernel.map((_, i) => i + 2));
  const begin = op.int64(pads.slice(0, rank));
  const size = op.Slice(shapeOf(x), op.int64([2]), op.int64([2 + rank]));
  return op.Slice(full, begin, op.Add(begin, size), axes);
}

/**
 * w̄[o, i, k] = Σ x[n, i, p·stride + k·dilation − pad]·ȳ[n, o, p]: a convolution of x with ȳ, where samples take the
 * place of channels, and stride and dilation change theirs.
 */
function weightGradient(c: RuleContext, x: Value, dy: Value, window: Window, group: number): Value {
  const { op, rank, shapeOf } = c;
  const { kernel, strides, dilations, pads } = window;
  const spatial = Array.from({ length: rank(x) - 2 }, (_, i) => i);
  const swap = { perm: [1, 0, ...spatial.map((i) => i + 2)] };
  const side = op.Slice(shapeOf(x), op.int64([2]), op.int64([rank(x)]));
  const regroup = (value: Value, ...dims: Value[]): Value => op.Reshape(value, op.Concat(...dims, { axis: 0 }));
  // N×(G·I)×… → I×(G·N)×…
  const split = group === 1 ? x : regroup(x, op.int64([0, group, -1]), side);
  const byChannel =
    group === 1
      ? op.Transpose(x, swap)
      : regroup(op.Transpose(split, { perm: [2, 1, 0, ...spatial.map((i) => i + 3)] }), op.int64([0, -1]), side);
  const full = op.Conv(byChannel, op.Transpose(dy, swap), { strides: dilations, dilations: strides, pads, group });
  const axes = spatial.map((i) => i + 2);
  const cut = op.Slice(full, op.int64(axes.map(() => 0)), op.int64(kernel), op.int64(axes));
  return op.Transpose(cut, swap);
}
