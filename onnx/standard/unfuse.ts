/**
 * onnxruntime's own operators that our lowerings write, in standard ones again, so that a model that was converted for
 * speed can be differentiated, and its gradient lowered for another provider.
 */
import type { OnnxModel } from "../ir.ts";
import type { Value } from "../rewrite/builder.ts";
import { is } from "../rewrite/pattern.ts";
import { rewrite } from "../rewrite/rewrite.ts";
import { type Rows, row } from "../rewrite/row.ts";

const lastTwoSwapped = (rank: number): number[] =>
  Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));

const unfusings: Rows = {
  // α·A·B, either transposed as its attributes say; where the rank of what is transposed is not known it stays as it is
  fusedMatMul: row({
    pattern: is.FusedMatMul("a", "b"),
    when: ({ a, b }, { attrs, shape }) => (!attrs.transA || !!shape(a)) && (!attrs.transB || !!shape(b)),
    becomes(op, { a, b }, { attrs: { transA, transB, alpha = 1 }, shape }) {
      const flip = (value: Value): Value => op.Transpose(value, { perm: lastTwoSwapped(shape(value)!.length) });
      const product = op.MatMul(transA ? flip(a) : a, transB ? flip(b) : b);
      return alpha === 1 ? product : op.Mul(product, alpha);
    },
  }),
};

export const unfuse = (model: OnnxModel): OnnxModel =>
  model.graph.nodes.some(({ op }) => op === "FusedMatMul") ? rewrite(model, unfusings, { word: "unfused" }) : model;
