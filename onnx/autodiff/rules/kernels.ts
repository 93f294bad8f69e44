/** Interpolation kernels and their slopes as operators, of the distance t between a place and a neighbour. */
import type { GraphBuilder, Value } from "../../rewrite/builder.ts";

interface Weighted {
  readonly weight: Value;
  readonly slope: Value;
}

/** Weight of the neighbour before (offset 0) or after (offset 1) a place that lies t behind the one before. */
export const linearKernel = (op: GraphBuilder, t: Value, offset: number): Weighted =>
  offset === 0 ? { weight: op.Sub(1, t), slope: op.float(-1) } : { weight: t, slope: op.float(1) };

/**
 * Cubic convolution (Keys 1981, IEEE TASSP 29(6), eq. 4) at a signed distance of up to 1 (near) or between 1 and 2.
 *
 *   (a + 2)|t|³ − (a + 3)t² + 1            a|t|³ − 5at² + 8a|t| − 4a
 */
export function cubicKernel(op: GraphBuilder, t: Value, near: boolean, a: number): Weighted {
  const [p3, p2, p1, p0] = near ? [a + 2, -(a + 3), 0, 1] : [a, -5 * a, 8 * a, -4 * a];
  const d = op.Abs(t);
  const weight = op.Add(op.Mul(op.Add(op.Mul(op.Add(op.Mul(d, p3), p2), d), p1), d), p0);
  const slope = op.Add(op.Mul(op.Add(op.Mul(d, 3 * p3), 2 * p2), d), p1);
  return { weight, slope: op.Mul(slope, op.Sign(t)) };
}
