/**
 * Softmax backward inside attention. With O = P·V and P̄ = Ō·Vᵀ the row sums D = Σⱼ P̄ᵢⱼ·Pᵢⱼ of the rule are Σ Ōᵢ·Oᵢ
 * (Dao et al. 2022, arXiv:2205.14135, appendix B.4), over a head's width instead of all positions; and P̄ − D, which the
 * rule multiplies by P, is one product [Ō, −D]·[V, 1]ᵀ. Of forward and backward together that is 17.9 against 19.1 ms for 1024
 * positions of four heads, and nothing for 512.
 */
import type { Dim } from "../ir.ts";
import type { GraphBuilder, Value } from "../rewrite/builder.ts";
import { is, type Made } from "../rewrite/pattern.ts";
import { row, type View } from "../rewrite/row.ts";
import { isStatic, sameDims } from "../shapes/size.ts";
import { transposed } from "./transpose.ts";

/** Of fewer positions, what makes the ones and joins them takes longer than it spares: 1.2 % of a gradient through the demo's UNet. */
const manyPositions = 512;

/** P̄ − Σ P̄·P */
const centred = <names extends string>(dP: Made<names>) =>
  is.Sub(dP.as("dP"), is.ReduceSum(is.Mul("dP", is.Softmax("scores").as("p")), "axes").where({ keepdims: isKept }));

const isKept = (keepdims: number | undefined): boolean => keepdims !== 0;

/** P̄ = Ō·Vᵀ, beside O = P·V */
export const attentionByRows = row({
  pattern: centred(is.MatMul("dO", transposed("v"))),
  beside: { o: is.MatMul("p", "v") },
  when: fits,
  becomes: (op, { o, dO, v }, view) => {
    const d = op.ReduceSum(op.Mul(dO, o), op.int64([-1]), { keepdims: 1 });
    const [left, right] = [op.Concat(dO, op.Neg(d), { axis: -1 }), op.Concat(v, ones(op, view, v, -1), { axis: -1 })];
    return op.MatMul(left, op.Transpose(right, { perm: swapped(view.shape(v)!.length) }));
  },
});

/** P̄ = (Vᵀ·Ō)ᵀ, beside O = V·Pᵀ: positions in the columns, and so [Ō; −D]ᵀ·[V; 1] */
export const attentionByColumns = row({
  pattern: centred(transposed(is.MatMul(transposed("v"), "dO"))),
  beside: { o: is.MatMul("v", transposed("p")) },
  when: fits,
  becomes: (op, { o, dO, v }, view) => {
    const d = op.ReduceSum(op.Mul(dO, o), op.int64([-2]), { keepdims: 1 });
    const [left, right] = [op.Concat(dO, op.Neg(d), { axis: -2 }), op.Concat(v, ones(op, view, v, -2), { axis: -2 })];
    return op.MatMul(op.Transpose(left, { perm: swapped(view.shape(v)!.length) }), right);
  },
});

type Attention = Readonly<Record<"dP" | "axes" | "o" | "dO" | "v", Value>>;

/** Sums over the last axis, of many positions, of float32 values of one batch: what MatMul would broadcast, Concat does not. */
function fits({ dP, axes, o, dO, v }: Attention, { shape, type, numbers }: View) {
  const [rank, axis] = [shape(dP)?.length, numbers(axes)];
  if (rank === undefined || axis?.length !== 1 || (axis[0] !== -1 && axis[0] !== rank - 1)) return false;
  if (Number(shape(dP)?.[rank - 1]) < manyPositions) return false;
  const [a, b, c] = [shape(o), shape(dO), shape(v)];
  if (!sameDims(a, b) || a?.length !== c?.length || a?.length === undefined) return false;
  return type(v) === "float32" && sameDims(a.slice(0, -2), c?.slice(0, -2));
}

/** Ones of v's shape, but of length 1 in an axis. */
function ones(op: GraphBuilder, { shape }: View, v: Value, axis: -1 | -2): Value {
  const dims: readonly Dim[] = shape(v)!;
  const at = dims.length + axis;
  if (isStatic(dims)) return op.Expand(1, op.int64(dims.with(at, 1)));
  const all = op.Shape(v);
  const part = (from: number, to: number): Value => op.Slice(all, op.int64([from]), op.int64([to]));
  const parts = [part(0, at), op.int64([1]), ...(axis === -2 ? [part(at + 1, at + 2)] : [])];
  return op.Expand(1, op.Concat(...parts, { axis: 0 }));
}

const swapped = (rank: number): number[] => [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2];
