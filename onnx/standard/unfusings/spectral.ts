/**
 * The discrete Fourier transform and its like over time, as products with cosines and sines: what onnxruntime computes fast and
 * has no gradient for. A transform of n values costs n² here.
 */
import type { DataType } from "../../ir.ts";
import type { GraphBuilder, Value } from "../../rewrite/builder.ts";
import { is } from "../../rewrite/pattern.ts";
import { type Rows, row, type View } from "../../rewrite/row.ts";

interface Transform {
  /** …×n×c, c = 1 (real) or 2: its axis of n values is the last but one. */
  readonly x: Value;
  readonly type: DataType;
  readonly isComplex: boolean;
  /** So many values are transformed, those that are not there being 0: a scalar of int64. */
  readonly length: Value;
  readonly isOnesided: boolean;
  readonly isInverse: boolean;
}

const scalar = (op: GraphBuilder, value: Value): Value => op.Cast(op.Reshape(value, op.int64([])), { to: "int64" });

const lengthOf = (op: GraphBuilder, x: Value, axis: number): Value =>
  scalar(op, op.Shape(x, { start: axis, end: axis + 1 }));

const counted = (op: GraphBuilder, to: Value): Value => op.Range(op.int64(0), to, op.int64(1));

/** Xₖ = Σⱼ xⱼ · e^(∓2πi·jk/L), of the inverse over L: …×K×2 (ai.onnx 17 and 20, DFT). */
function transformed(op: GraphBuilder, { x, type, isComplex, length, isOnesided, isInverse }: Transform): Value {
  const part = (index: number): Value => op.Gather(x, op.int64(index), { axis: -1 });
  const times = counted(op, lengthOf(op, x, -2));
  const frequencies = counted(op, isOnesided ? op.Add(op.Div(length, op.int64(2)), op.int64(1)) : length);
  // The product is taken modulo L while it is whole: a float of large angles has lost its fraction.
  const turns = op.Mod(op.Mul(op.Unsqueeze(times, op.int64([1])), op.Unsqueeze(frequencies, op.int64([0]))), length);
  const float = (value: Value): Value => op.Cast(value, { to: "float32" });
  const angles = op.Div(op.Mul(float(turns), 2 * Math.PI), float(length));
  const isThere = op.Unsqueeze(op.Less(times, length), op.int64([1]));
  const scale = isInverse ? op.Div(1, float(length)) : 1;
  const matrix = (wave: Value): Value => op.Cast(op.Mul(op.Where(isThere, wave, 0), scale), { to: type });
  const [cosines, sines] = [matrix(op.Cos(angles)), matrix(op.Sin(angles))];
  const [real, imaginary] = [part(0), isComplex ? part(1) : undefined];
  const along = (value: Value, waves: Value): Value => op.MatMul(value, waves);
  const turned = (sign: "Add" | "Sub", a: Value, b: Value | undefined): Value => (b === undefined ? a : op[sign](a, b));
  const re = turned(isInverse ? "Sub" : "Add", along(real, cosines), imaginary && along(imaginary, sines));
  const own = isInverse ? along(real, sines) : op.Neg(along(real, sines));
  const im = turned("Add", own, imaginary && along(imaginary, cosines));
  const last = op.int64([-1]);
  return op.Concat(op.Unsqueeze(re, last), op.Unsqueeze(im, last), { axis: -1 });
}

/** Which axis is transformed, of all but the last: an input since opset 20, and an attribute before. */
function axisOf(view: View<{ readonly axis?: number | undefined }>, x: Value, axis: Value): number | undefined {
  const rank = view.shape(x)?.length;
  const given = view.opset < 20 ? (view.attrs.axis ?? 1) : axis === "" ? -2 : view.numbers(axis)?.[0];
  return rank === undefined || given === undefined ? undefined : given < 0 ? given + rank : given;
}

const partsOf = ({ shape }: Pick<View, "shape">, x: Value): number | undefined => {
  const parts = shape(x)?.at(-1);
  return parts === 1 || parts === 2 ? parts : undefined;
};

export const spectral: Rows = {
  dft: row({
    pattern: is.DFT("x", "length", "axis"),
    // Half of the frequencies give back a real signal in the inverse: another operator in all but its name.
    when: ({ x, axis }, view) =>
      axisOf(view, x, axis) !== undefined &&
      partsOf(view, x) !== undefined &&
      !(view.attrs.inverse && view.attrs.onesided),
    becomes(op, { x, length, axis }, view) {
      const { attrs, type, shape } = view;
      const rank = shape(x)!.length;
      const at = axisOf(view, x, axis)!;
      // The axis and the last but one change places.
      const perm = Array.from({ length: rank }, (_, i) => (i === at ? rank - 2 : i === rank - 2 ? at : i));
      const turned = op.Transpose(x, { perm });
      const y = transformed(op, {
        x: turned,
        type: type(x),
        isComplex: partsOf(view, x) === 2,
        length: length ? scalar(op, length) : lengthOf(op, turned, -2),
        isOnesided: attrs.onesided === 1,
        isInverse: attrs.inverse === 1,
      });
      return op.Transpose(y, { perm });
    },
  }),
  // The transforms of frames of the signal, each `step` further on, under a window (ai.onnx 17)
  stft: row({
    pattern: is.STFT("signal", "step", "window", "length"),
    when: ({ signal, window, length }, view) =>
      partsOf(view, signal) !== undefined && view.shape(signal)?.length === 3 && !!(window || length),
    becomes(op, { signal, step, window, length }, view) {
      const frame = length ? scalar(op, length) : lengthOf(op, window, 0);
      const stride = scalar(op, step);
      const room = op.Sub(lengthOf(op, signal, 1), frame);
      const starts = op.Mul(counted(op, op.Add(op.Div(room, stride), op.int64(1))), stride);
      const places = op.Add(op.Unsqueeze(starts, op.int64([1])), op.Unsqueeze(counted(op, frame), op.int64([0])));
      const frames = op.Gather(signal, places, { axis: 1 }); // N×frames×L×c
      return transformed(op, {
        x: window ? op.Mul(frames, op.Unsqueeze(window, op.int64([1]))) : frames,
        type: view.type(signal),
        isComplex: partsOf(view, signal) === 2,
        length: frame,
        isOnesided: view.attrs.onesided !== 0,
        isInverse: false,
      });
    },
  }),
};
