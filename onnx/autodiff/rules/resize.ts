/** Gradient of Resize: interpolation is linear in x and works axis by axis, y = A·x, so x̄ = Aᵀ·ȳ. */
import type { AttributesOf } from "../../operators.ts";
import type { Value } from "../../rewrite/builder.ts";
import { normalAxis } from "../../shapes/rules/shape.ts";
import type { RuleContext, Rules } from "../rule.ts";
import { contracted, lengthOf, range } from "./shape.ts";

export const resize = {
  // y = A·x, axis by axis            x̄ = Aᵀ·ȳ
  Resize: (c) => {
    const { dy, attrs, rank } = c;
    const [x, , , sizes] = c.x;
    if (attrs.coordinate_transformation_mode === "tf_crop_and_resize")
      throw c.error("no gradient rule for tf_crop_and_resize");
    // With a policy all axes share one scale, and rounded sizes no longer tell it.
    const policy = attrs.keep_aspect_ratio_policy ?? "stretch";
    if (sizes && policy !== "stretch") throw c.error(`no gradient rule for the keep_aspect_ratio_policy ${policy}`);
    // Nearest changes by steps with the scales.
    const scaled = c.wants[2] && (attrs.mode ?? "nearest") === "nearest" ? c.zerosLike(c.x[2]) : null;
    if (!c.wants[0]) return [null, null, scaled];
    if (repeats(c)) return [blockSums(c), null, scaled, null];
    let dx = dy;
    for (const [entry, axis] of resizedAxes(attrs, rank(x)).entries()) {
      if (isKept(c, entry, axis)) continue;
      dx = contracted(c, dx, axis, interpolation(c, entry, axis));
    }
    return [dx, null, scaled, null];
  },
} satisfies Rules;

/** The axis that each entry of the scales or sizes is for. */
function resizedAxes({ axes }: AttributesOf<"Resize">, rank: number): readonly number[] {
  const all = Array.from({ length: rank }, (_, axis) => axis);
  return axes?.map((axis) => normalAxis(axis, rank)) ?? all;
}

/** Axes that keep their size and scale are left alone by every mode. */
function isKept({ x: [x, , scales, sizes], shape, numbers, y }: RuleContext, entry: number, axis: number): boolean {
  const [from, to] = [shape(x)?.[axis], shape(y)?.[axis]];
  return scales ? numbers(scales)?.[entry] === 1 : sizes !== undefined && from !== undefined && from === to;
}

/** A, out×in: the same Resize of the identity matrix, so that every mode and rounding is the runtime's own. */
function interpolation(c: RuleContext<AttributesOf<"Resize">>, entry: number, axis: number): Value {
  const { op, attrs, type, y } = c;
  const [x, , scales, _sizes] = c.x;
  const length = lengthOf(c, x, axis);
  const index = range(c, length);
  const eye = op.Cast(op.Equal(op.Unsqueeze(index, op.int64([1])), op.Unsqueeze(index, op.int64([0]))), {
    to: "float32",
  });
  const { axes: _, keep_aspect_ratio_policy: __, ...mode } = attrs;
  const plane = op.Unsqueeze(eye, op.int64([0, 1])); // 1×1×in×in
  const one = op.float([1]);
  const scale = scales && !isRatio(c, entry, axis) && op.Slice(scales, op.int64([entry]), op.int64([entry + 1]));
  const matrix = scale
    ? op.Resize(plane, null, op.Concat(one, one, scale, one, { axis: 0 }), mode)
    : op.Resize(plane, null, null, op.Concat(op.int64([1, 1]), lengthOf(c, y, axis), length, { axis: 0 }), mode);
  const flat = op.Squeeze(matrix, op.int64([0, 1]));
  return type(x) === "float32" ? flat : op.Cast(flat, { to: type(x) });
}

/** Whether the scale is but the ratio of the sizes: 5/3, where 3·(5/3) in floats may come out below 5. */
function isRatio({ x: [x, , scales], y, shape, numbers }: RuleContext, entry: number, axis: number): boolean {
  const [from, to] = [shape(x)?.[axis], shape(y)?.[axis]];
  return typeof from === "number" && typeof to === "number" && numbers(scales)?.[entry] === Math.fround(to / from);
}

/** Whether a nearest Resize repeats each value a whole number of times in height and width. */
function repeats({ x: [x, , scales], shape, y, attrs, numbers }: RuleContext<AttributesOf<"Resize">>): boolean {
  const [from, to] = [shape(x), shape(y)];
  if (attrs.mode !== undefined && attrs.mode !== "nearest") return false;
  if (from?.length !== 4 || !to || from[0] !== to[0] || from[1] !== to[1] || blocks(from, to).length === 0)
    return false;
  // A scale of 2.1 may give twice the size too, but not by blocks.
  const factors = [1, 1, ...blocks(from, to)];
  if (scales && !resizedAxes(attrs, 4).every((axis, entry) => numbers(scales)?.[entry] === factors[axis])) return false;
  const { coordinate_transformation_mode: place = "half_pixel", nearest_mode: rounding = "round_prefer_floor" } = attrs;
  if (place === "asymmetric") return rounding === "floor";
  return (
    (place === "half_pixel" || place === "pytorch_half_pixel") &&
    rounding.startsWith("round") &&
    to[2] !== 1 &&
    to[3] !== 1
  );
}

function blocks(from: readonly unknown[], to: readonly unknown[]): number[] {
  const factors = [2, 3].map((axis) => Number(to[axis]) / Number(from[axis]));
  return factors.every(Number.isInteger) ? factors : [];
}

/** Each value was repeated over a block: the sum over it. */
function blockSums({ op, dy, x: [x], y, shape }: RuleContext): Value {
  const kernel = blocks(shape(x)!, shape(y)!);
  return op.Mul(op.AveragePool(dy, { kernel_shape: kernel, strides: kernel }), kernel[0] * kernel[1]);
}
