import type { Drawing, Value } from "../drawing.ts";

/** Samples by a list of their numbers. A graph cannot refuse one: a sample that is not there is NaN, and so is its gradient, which is refused. */
export function drawnSamples({ op, shape }: Drawing, tensor: Value, list: Value): Value {
  const count = op.Cast(op.Slice(op.Shape(tensor), op.int64([0]), op.int64([1])), { to: "float32" });
  const isWithin = op.And(op.GreaterOrEqual(list, 0), op.Less(list, count));
  const isThere = op.And(op.Equal(list, op.Floor(list)), isWithin);
  const taken = op.Gather(tensor, op.Cast(op.Where(isThere, list, 0), { to: "int64" }), { axis: 0 });
  const column = [-1, ...shape(tensor).slice(1).fill(1)].map(Number);
  return op.Mul(taken, op.Reshape(op.Where(isThere, 1, Number.NaN), op.int64(column)));
}
