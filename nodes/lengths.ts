/**
 * Lengths as they are drawn. A run sums squares in doubles; in float32 those of values below 1e−22 are 0, and of values above 2e19
 * infinite, so that a faint gradient would have no length, or no direction.
 */
import type { Drawing, Value } from "./drawing.ts";

type Op = Drawing["op"];

/**
 * x = scale · unit, where the largest of unit's absolute values along the axes is from 1 to 2, but for rounding. The
 * scale is a power of two, so that nothing is rounded, and rounds itself, so that it has no gradient. Of zeros it is 1.
 */
export function scaled(op: Op, x: Value, axes: Value): { readonly unit: Value; readonly scale: Value } {
  const most = op.ReduceMax(op.Abs(x), axes);
  const known = op.Where(op.Equal(most, 0), 1, op.Max(most, 2 ** -126));
  // Of the largest float32 the logarithm rounds up to 128, and 2¹²⁸ is none.
  const scale = op.Pow(2, op.Min(op.Floor(op.Mul(op.Log(known), 1 / Math.LN2)), 127));
  return { unit: op.Div(x, scale), scale };
}

/** ‖x‖ along the axes, kept as ones. */
export function lengthOf(op: Op, x: Value, axes: Value): Value {
  const { unit, scale } = scaled(op, x, axes);
  return op.Mul(op.ReduceL2(unit, axes), scale);
}

/** cos θ between the samples of x and y, 0 where one of them is 0. */
export function cosineOf(op: Op, x: Value, y: Value): Value {
  const axes = op.int64([1, 2, 3]);
  const [a, b] = [x, y].map((one) => scaled(op, one, axes).unit);
  const length = op.Mul(op.ReduceL2(a, axes), op.ReduceL2(b, axes));
  return op.Div(op.ReduceSum(op.Mul(a, b), axes), op.Where(op.Equal(length, 0), 1, length));
}
