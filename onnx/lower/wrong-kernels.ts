/**
 * What onnxruntime's WebGPU provider computes wrongly, mostly without a word, as forms that it computes rightly. Seen of 1.30, on a card
 * and on software Vulkan; `npm run bench -- kernels` looks for more. Wrong transposed convolutions: transposed-conv.ts.
 */
import { is } from "../rewrite/pattern.ts";
import { type Row, row } from "../rewrite/row.ts";
import { windowOf } from "../shapes/rules/convolution.ts";
import { broadcast, isStatic, sameDims } from "../shapes/size.ts";

/**
 * A convolution of more than three input channels, divisible by three and not by four, to output channels divisible by four is wrong
 * altogether: its kernel for pictures of three channels is taken. Channels of zeros make them divisible by four, one kernel more.
 * What is computed as a matrix product, 1×1 by steps of one, is right; so are groups and three dimensions.
 */
export const paddedChannels = row({
  pattern: is.Conv("x", "w", "bias"),
  becomes(op, { x, w, bias }, { attrs, shape }) {
    const [outputs, inputs, ...kernel] = shape(w) ?? [];
    if (typeof inputs !== "number" || !isStatic(kernel) || kernel.length > 2 || (attrs.group ?? 1) !== 1)
      return undefined;
    if (inputs <= 3 || inputs % 3 !== 0 || inputs % 4 === 0 || Number(outputs) % 4 !== 0) return undefined;
    const { strides, pads } = windowOf(attrs, kernel);
    const isProduct = [...kernel, ...strides].every((n) => n === 1) && pads.every((n) => n === 0);
    if (isProduct) return undefined;
    const zeros = kernel.map(() => 0);
    const wider = op.int64([0, 0, ...zeros, 0, 4 - (inputs % 4), ...zeros]);
    return op.Conv(op.Pad(x, wider), op.Pad(w, wider), bias || null, attrs);
  },
});

/** A scalar added to a matrix product of more than eight columns or rows ends the process: read as a list of one it does not. */
export const listedBias = row({
  pattern: is.Gemm("a", "b", "c"),
  when: ({ c }, { shape }) => shape(c)?.length === 0,
  becomes: (op, { a, b, c }, { attrs }) => op.Gemm(a, b, op.Reshape(c, op.int64([1])), attrs),
});

/**
 * Operands that are repeated: And computes all as the first that the process met, Pow fails where it is along the last axis. They are
 * repeated before.
 */
const repeatedBefore = (operator: "And" | "Pow"): Row =>
  row({
    pattern: is[operator]("a", "b"),
    becomes(op, { a, b }, { shape }) {
      const [ofA, ofB] = [shape(a), shape(b)];
      const isOne = (dims: typeof ofA): boolean => !!dims && dims.length < 2 && dims.every((dim) => dim === 1);
      if (isOne(ofA) || isOne(ofB) || sameDims(ofA, ofB)) return undefined;
      const whole = ofA && ofB && broadcast(ofA, ofB);
      // Expand repeats to what both come to.
      const [left, right] = [
        sameDims(ofA, whole) ? a : op.Expand(a, op.Shape(b)),
        sameDims(ofB, whole) ? b : op.Expand(b, op.Shape(a)),
      ];
      return op[operator](left, right);
    },
  });
export const repeatedBeforeAnd = repeatedBefore("And");
export const repeatedBeforePow = repeatedBefore("Pow");

/** The end of an axis, as exporters write it; so is what lies beyond. */
const far = 2 ** 31 - 1;

/** A Slice backwards is right from the last value to the first alone: what it takes is cut out forwards before. */
export const cutBefore = row({
  pattern: is.Slice("x", "starts", "ends", "axes", "steps"),
  becomes(op, { x, starts, ends, axes, steps }, { numbers, shape }) {
    const [from, to, by] = [starts, ends, steps].map((value) => numbers(value)?.map(within));
    const along = axes === "" ? from?.map((_, i) => i) : numbers(axes);
    if (!from || !to || !by || !along) return undefined;
    const sizes = along.map((axis) => Number(shape(x)?.at(axis)));
    const backwards = by.flatMap((step, i) => (step < 0 ? [i] : []));
    const isWhole = (i: number): boolean =>
      (from[i] === -1 || from[i] >= sizes[i] - 1) && (to[i] < -sizes[i] || to[i] <= -far);
    if (backwards.every(isWhole)) return undefined;
    const [begin, end] = [[...from], [...to]];
    for (const i of backwards) {
      begin[i] = to[i] <= -far ? 0 : after(to[i]);
      // A beginning before the first value is the first.
      end[i] = after(from[i] < -sizes[i] ? 0 : from[i]);
    }
    const ahead = by.map((step) => Math.max(step, 1));
    const cut = op.Slice(x, op.int64(begin), op.int64(end), op.int64(along), op.int64(ahead));
    const each = (value: (i: number) => number) => op.int64(backwards.map(value));
    return op.Slice(
      cut,
      each(() => -1),
      each(() => -far),
      each((i) => along[i]),
      each((i) => by[i]),
    );
  },
});

const within = (n: number): number => Math.min(Math.max(n, -far), far);
/** What −1 is, the last value, is followed by no value of the axis. */
const after = (n: number): number => (n === -1 || n === far ? far : n + 1);
