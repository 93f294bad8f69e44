/** Gradients of pools. */
import type { Value } from "../../rewrite/builder.ts";
import { type Window, windowOf } from "../../shapes/rules/convolution.ts";
import type { RuleContext, Rules } from "../rule.ts";
import { overhang, overhung, resolvedPads, unslide } from "./conv.ts";
import { reducedCount } from "./reduce.ts";

export const pool = {
  // y = Σ xᵢ / n     x̄ᵢ = Σ ȳ/n over the windows with xᵢ in them
  AveragePool: (c) => {
    const { op, dy, attrs, reshapeLike } = c;
    const [x] = c.x;
    const window = windowOf(attrs, attrs.kernel_shape!);
    const pads = resolvedPads(c, window, x, c.y);
    const share = op.Div(dy, windowCounts(c, { ...window, pads }, attrs.count_include_pad === 1));
    // Channels do not mix: each becomes a sample of one channel.
    const planes = (value: Value): Value => asPlanes(c, value);
    const ones = onesOf(c, window.kernel);
    return [reshapeLike(unslide(c, planes(share), ones, { ...window, pads }, x, 1), x)];
  },

  // y = max xᵢ       x̄ᵢ = ȳ of the windows in which xᵢ is the first to be y
  MaxPool: (c) => {
    const { op, dy, y, attrs, type, reshapeLike } = c;
    const [x] = c.x;
    const window = windowOf(attrs, attrs.kernel_shape!);
    const { kernel, strides, dilations } = window;
    const pads = resolvedPads(c, window, x, y);
    const over = overhang(c, { ...window, pads }, x, y);
    const around = [...pads.slice(0, kernel.length), ...(over ?? pads.slice(kernel.length))];
    // Not by MaxPool's Indices, which WebGPU does not give: the cells of each window are laid out as channels.
    const cellsOf = (value: Value): Value =>
      over
        ? op.Conv(value, pickers(c, kernel), { strides, dilations, pads: around })
        : overhung(c, value, pickers(c, kernel), { ...window, pads }, y);
    const inside = cellsOf(op.Expand(op.Cast(1, { to: type(x) }), planeShape(c, x)));
    const best = op.Equal(cellsOf(asPlanes(c, x)), asPlanes(c, y));
    const hits = op.Mul(op.Cast(best, { to: type(x) }), inside);
    const first = op.Relu(op.Sub(hits, op.Conv(hits, earlier(c, kernel))));
    const chosen = op.Mul(first, asPlanes(c, dy));
    return [reshapeLike(unslide(c, chosen, pickers(c, kernel), { ...window, pads: around }, x, 1), x)];
  },

  // y = Σ xᵢ / n     x̄ᵢ = ȳ/n
  GlobalAveragePool: (c) => {
    const count = reducedCount(c);
    const share = typeof count === "number" ? c.op.Mul(c.dy, 1 / count) : c.op.Div(c.dy, count);
    return [c.op.Expand(share, c.shapeOf(c.x[0]))];
  },
} satisfies Rules;

/** A kernel that sums its window. */
export const onesOf = ({ op }: RuleContext, kernel: readonly number[]): Value =>
  op.float(
    Array.from({ length: kernel.reduce((a, b) => a * b, 1) }, () => 1),
    [1, 1, ...kernel],
  );

/** Kernels that pick one cell of their window each: cells×1×kernel. */
const pickers = ({ op }: RuleContext, kernel: readonly number[]): Value => {
  const cells = kernel.reduce((a, b) => a * b, 1);
  return op.float(
    Array.from({ length: cells ** 2 }, (_, i) => Number(i % (cells + 1) === 0)),
    [cells, 1, ...kernel],
  );
};

/** A pointwise kernel that sums the cells before each cell. */
const earlier = ({ op }: RuleContext, kernel: readonly number[]): Value => {
  const cells = kernel.reduce((a, b) => a * b, 1);
  const before = Array.from({ length: cells ** 2 }, (_, i) => Number(i % cells < Math.floor(i / cells)));
  return op.float(before, [cells, cells, ...kernel.map(() => 1)]);
};

/** 1×1×… with the spatial dimensions of a value. */
function planeShape({ op, shape, shapeOf, rank }: RuleContext, value: Value): Value {
  const spatial = shape(value)?.slice(2);
  if (spatial?.every((dim) => typeof dim === "number")) return op.int64([1, 1, ...(spatial as number[])]);
  return op.Concat(op.int64([1, 1]), op.Slice(shapeOf(value), op.int64([2]), op.int64([rank(value)])), { axis: 0 });
}

/** N×C×… → (N·C)×1×… */
export function asPlanes({ op, shape, shapeOf, rank }: RuleContext, value: Value): Value {
  const spatial = shape(value)?.slice(2);
  if (spatial?.every((dim) => typeof dim === "number"))
    return op.Reshape(value, op.int64([-1, 1, ...(spatial as number[])]));
  const side = op.Slice(shapeOf(value), op.int64([2]), op.int64([rank(value)]));
  return op.Reshape(value, op.Concat(op.int64([-1, 1]), side, { axis: 0 }));
}

/** How many values each window averages: a number, or a map where windows reach over the border or may at run time. */
function windowCounts(c: RuleContext, window: Window, countPads: boolean): number | Value {
  const { op, y, shape, attrs } = c;
  const [x] = c.x;
  const { kernel, strides, dilations, pads } = window;
  const whole = kernel.reduce((a, b) => a * b, 1);
  const rank = kernel.length;
  const ceil = attrs.ceil_mode === 1;
  const over = overhang(c, window, x, y);
  const isInside = over?.every((size, i) => size <= pads[i + rank]) ?? countPads;
  if (!ceil && isInside && (countPads || pads.every((pad) => pad === 0))) return whole;
  const sides = [shape(x)?.slice(2), shape(y)?.slice(2)];
  const known = sides.every((side) => side?.every((dim) => typeof dim === "number"));
  if (!known) {
    if (countPads) throw c.error("ceil_mode with count_include_pad needs known sizes");
    const ones = op.Expand(1, planeShape(c, x));
    return op.Cast(overhung(c, ones, onesOf(c, kernel), window, y), { to: c.type(x) });
  }
  const [from, to] = sides as number[][];
  const counts = kernel.map((size, i) => {
    const [first, end] = countPads ? [-pads[i], from[i] + pads[i + rank]] : [0, from[i]];
    return Array.from({ length: to[i] }, (_, p) => {
      const cells = Array.from({ length: size }, (_, k) => p * strides[i] - pads[i] + k * dilations[i]);
      return cells.filter((cell) => cell >= first && cell < end).length;
    });
  });
  const map = counts.reduce((all, axis) => all.flatMap((a) => axis.map((b) => a * b)), [1]);
  return op.float(map, [1, 1, ...to]);
}
