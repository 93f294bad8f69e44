/**
 * Attention as onnxruntime's own MultiHeadAttention, which CUDA computes without ever holding the T×T weights (Dao et al. 2022,
 * arXiv:2205.14135). Positions are in the columns here, and in the rows there.
 */
import type { Dim } from "../ir.ts";
import type { GraphBuilder, Value } from "../rewrite/builder.ts";
import { is } from "../rewrite/pattern.ts";
import { row } from "../rewrite/row.ts";
import { sameDims } from "../shapes/size.ts";
import { transposed } from "./transpose.ts";

const isLast = (axis: number | undefined): boolean => axis === undefined || axis === -1 || axis === 3;

/** V·softmax(scale · Qᵀ·K)ᵀ, all N×heads×width×T */
export const fusedAttention = row({
  pattern: is.MatMul(
    "v",
    transposed(
      is
        .Softmax(is.Mul(is.MatMul(transposed("q"), "k"), "scale"))
        .where({ axis: isLast })
        .as("p"),
    ),
  ),
  when: ({ q, k, v, p, scale }, { shape, uses, numbers }) =>
    uses(p) === 1 && numbers(scale)?.length === 1 && isHeads(shape(q), shape(k), shape(v)),
  becomes: (op, { q, k, v, scale }, { shape, numbers }) => attended(op, [q, k, v], shape(q)!, numbers(scale)![0]),
});

/** The same in float16: q and k are scaled before they meet, and the softmax is of float32. */
export const fusedHalfAttention = row({
  pattern: is.MatMul(
    "v",
    transposed(
      is
        .Cast(
          is
            .Softmax(is.Cast(is.MatMul(transposed(is.Mul("q", "scale")), is.Mul("k", "scale"))))
            .where({ axis: isLast }),
        )
        .as("p"),
    ),
  ),
  when: ({ q, k, v, p, scale }, { shape, type, uses }) =>
    uses(p) === 1 && type(v) === "float16" && shape(scale)?.length === 0 && isHeads(shape(q), shape(k), shape(v)),
  // The builder scales by width^−¼ on either side; the operator by 1/√width unless it is told.
  becomes: (op, { q, k, v }, { shape }) => attended(op, [q, k, v], shape(q)!, Number(shape(q)![2]) ** -0.5),
});

function isHeads(...of: readonly (readonly Dim[] | undefined)[]): boolean {
  const [q, k, v] = of;
  const isStatic = q?.length === 4 && [1, 2, 3].every((axis) => typeof q[axis] === "number");
  return isStatic && sameDims(q, k) && sameDims(q, v);
}

function attended(op: GraphBuilder, values: readonly Value[], [, heads, width, places]: readonly Dim[], scale: number) {
  // N×heads×width×T → N×T×(heads·width)
  const [q, k, v] = values.map((value) =>
    op.Reshape(op.Transpose(value, { perm: [0, 3, 1, 2] }), op.int64([0, 0, -1])),
  );
  const y = op.MultiHeadAttention(q, k, v, { num_heads: Number(heads), scale });
  const split = op.Reshape(y, op.int64([0, Number(places), Number(heads), Number(width)]));
  return op.Transpose(split, { perm: [0, 2, 3, 1] });
}
