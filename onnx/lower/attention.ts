/**
 * Softmax backward inside attention (Dao et al. 2022, arXiv:2205.14135, appendix B.4): with O = P·V and P̄ = Ō·Vᵀ the
 * row sums Σⱼ P̄ᵢⱼ·Pᵢⱼ are Σ Ōᵢ·Oᵢ, over a head's width instead of all positions: 4.9 against 8.4 ms for 1024.
 */
import type { Value } from "../builder.ts";
import type { OnnxNode } from "../ir.ts";
import { type Lowering, orders, swapsLastTwo, type View } from "./rewrite.ts";

/** Matches ReduceSum(P̄·P, −1), where P̄ comes from a product that P took part in. */
export const attentionRowSums: Lowering = (node, view) => {
  const { op, numbers, shape } = view;
  const [product, axes] = node.inputs;
  const rank = shape(product)?.length;
  const axis = numbers(axes ?? "");
  const last = axis?.length === 1 && rank !== undefined && (axis[0] === -1 || axis[0] === rank - 1);
  if (!last || node.attributes.keepdims === 0) return undefined;
  for (const [dP, p] of orders(view.made("Mul", product)?.inputs ?? [])) {
    if (!view.made("Softmax", p)) continue;
    const direct = rowsFirst(view, dP, p) ?? columnsFirst(view, dP, p);
    if (!direct) continue;
    const products = op.Mul(direct.dO, direct.o);
    const sums = op.ReduceSum(products, op.int64([direct.axis]), { keepdims: 1 });
    return { [node.outputs[0]]: direct.axis === -1 ? sums : op.Transpose(sums, { perm: swapped(rank) }) };
  }
  return undefined;
};

const swapped = (rank: number): number[] => [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2];

interface Output {
  readonly o: Value;
  readonly dO: Value;
  /** The axis of o that runs over a head's width. */
  readonly axis: -1 | -2;
}

/** O = P·V, P̄ = Ō·Vᵀ */
function rowsFirst(view: View, dP: Value, p: Value): Output | undefined {
  const [dO, vT] = view.made("MatMul", dP)?.inputs ?? [];
  const v = transposeOf(view, vT);
  if (dO === undefined || v === undefined) return undefined;
  const forward = view.users(p).find(({ op, inputs }) => op === "MatMul" && inputs[0] === p && inputs[1] === v);
  return forward && made(view, forward, "MatMul") ? { o: forward.outputs[0], dO, axis: -1 } : undefined;
}

/** Oᵀ = V·Pᵀ, P̄ = (Vᵀ·Ō)ᵀ, positions in the columns */
function columnsFirst(view: View, dP: Value, p: Value): Output | undefined {
  const inner = transposeOf(view, dP);
  const [vT, dO] = view.made("MatMul", inner)?.inputs ?? [];
  const v = transposeOf(view, vT);
  if (dO === undefined || v === undefined) return undefined;
  for (const transpose of view.users(p).filter(swapsLastTwo)) {
    const pT = transpose.outputs[0];
    const forward = view.users(pT).find(({ op, inputs }) => op === "MatMul" && inputs[0] === v && inputs[1] === pT);
    if (forward && made(view, forward, "MatMul")) return { o: forward.outputs[0], dO, axis: -2 };
  }
  return undefined;
}

const transposeOf = (view: View, value: Value | undefined): Value | undefined => {
  const node = view.made("Transpose", value);
  return swapsLastTwo(node) ? node?.inputs[0] : undefined;
};

/** Whether a node of the graph before this pass stands in it still. */
const made = (view: View, node: OnnxNode, by: string): boolean => view.made(by, node.outputs[0]) !== undefined;
