/** What the nodes that map rows and columns share: their pictures come to the port `tensor`. */
import { planes, type Tensor } from "../../diffusion/index.ts";
import { atPort } from "../checks.ts";
import type { Drawing, Value } from "../drawing.ts";

/** y = R·x·Cᵀ for each plane. */
export const drawnSeparable = ({ op }: Drawing, x: Value, rows: Value, columns: Value): Value =>
  op.MatMul(op.MatMul(rows, x), op.Transpose(columns, { perm: [1, 0] }));

/** Height and width of pictures. */
export const pictureSides = ({ dims }: Tensor): readonly number[] => atPort("tensor", () => planes(dims)).slice(2);

/** The same of what is drawn: they are known of what is fed. */
export function drawnSides({ shape }: Drawing, x: Value): readonly [number, number] {
  const [, , h, w] = atPort("tensor", () => planes(shape(x)));
  if (typeof h !== "number" || typeof w !== "number") throw new RangeError("the size of its pictures is not known");
  return [h, w];
}
