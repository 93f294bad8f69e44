/** Maps of rows and columns as they are drawn. */
import type { Drawing, Value } from "../drawing.ts";

/** y = R·x·Cᵀ for each plane. */
export const drawnSeparable = ({ op }: Drawing, x: Value, rows: Value, columns: Value): Value =>
  op.MatMul(op.MatMul(rows, x), op.Transpose(columns, { perm: [1, 0] }));

/** Height and width of pictures, which are known of what is fed. */
export function sidesOf({ shape }: Drawing, x: Value): readonly [number, number] {
  const [h, w] = shape(x).slice(-2);
  if (typeof h !== "number" || typeof w !== "number") throw new RangeError("the size of its pictures is not known");
  return [h, w];
}
