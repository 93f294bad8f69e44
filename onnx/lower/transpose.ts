/** Transposes moved out of the way: two in a row are one, and of the factors of a product the smaller ones are transposed. */
import type { AttributesOf } from "../operators.ts";
import type { Value } from "../rewrite/builder.ts";
import { type Form, is } from "../rewrite/pattern.ts";
import { row, type View } from "../rewrite/row.ts";

/** Whether a Transpose swaps the last two axes and nothing else. */
function swapsLastTwo(perm: readonly number[] | undefined): boolean {
  if (!perm || perm.length < 2) return false;
  const last = perm.length - 1;
  return perm.every((axis, i) => axis === (i === last ? last - 1 : i === last - 1 ? last : i));
}

/** xᵀ */
export const transposed = <const form extends Form>(x: form) =>
  is.Transpose<readonly [form]>(x).where({ perm: swapsLastTwo });

/** Two transposes in a row are one, or none. */
export const transposedTwice = row({
  pattern: is.Transpose(is.Transpose("x").as("inner")),
  when: ({ inner }, { attrs, attributesOf }) => !!attrs.perm && !!attributesOf("Transpose", inner).perm,
  becomes(op, { x, inner }, { attrs, attributesOf }) {
    const first = attributesOf("Transpose", inner).perm!;
    const both = attrs.perm!.map((axis) => first[axis]);
    return both.every((axis, i) => axis === i) ? x : op.Transpose(x, { perm: both });
  },
});

/** (AᵀBᵀ)ᵀ = BA */
export const productOfTransposed = row({
  pattern: transposed(is.MatMul(transposed("a"), transposed("b")).as("product")),
  when: ({ a, b, product }, view) => isUsedHereAlone(product, view) && areOfItsRank([a, b], view),
  becomes: (op, { a, b }) => op.MatMul(b, a),
});

/** (AᵀB)ᵀ = BᵀA */
export const productOfTransposedLeft = row({
  pattern: transposed(is.MatMul(transposed("a"), "b").as("product")),
  when: ({ a, b, product }, view) => isUsedHereAlone(product, view) && areOfItsRank([a, b], view),
  becomes: (op, { a, b }, { attrs }) => op.MatMul(op.Transpose(b, attrs), a),
});

/** (ABᵀ)ᵀ = BAᵀ */
export const productOfTransposedRight = row({
  pattern: transposed(is.MatMul("a", transposed("b")).as("product")),
  when: ({ a, b, product }, view) => isUsedHereAlone(product, view) && areOfItsRank([a, b], view),
  becomes: (op, { a, b }, { attrs }) => op.MatMul(b, op.Transpose(a, attrs)),
});

const isUsedHereAlone = (value: Value, { uses }: View): boolean => uses(value) <= 1;

/** MatMul broadcasts operands of other ranks, whose transposes are others. */
const areOfItsRank = (values: readonly Value[], { shape, attrs }: View<AttributesOf<"Transpose">>): boolean =>
  values.every((value) => shape(value)?.length === attrs.perm?.length);
