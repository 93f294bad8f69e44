/** Gradients of matrix products. */
import type { Value } from "../../rewrite/builder.ts";
import { einsumLetters, einsumTerms } from "../../shapes/rules/product.ts";
import type { RuleContext, Rules } from "../rule.ts";

/** Swaps the last two axes. */
function transposed({ op, rank }: RuleContext, x: Value): Value {
  const perm = Array.from({ length: rank(x) }, (_, axis) => axis);
  return op.Transpose(x, { perm: [...perm.slice(0, -2), perm.length - 1, perm.length - 2] });
}

export const matmul = {
  // Y = A·B          Ā = Ȳ·Bᵀ              B̄ = Aᵀ·Ȳ          (a vector is a row on the left, a column on the right)
  MatMul: (c) => {
    const { op, dy, wants, rank } = c;
    const [a, b] = c.x;
    const [row, column] = [rank(a) === 1, rank(b) === 1];
    const left = row ? op.Unsqueeze(a, op.int64([0])) : a;
    const right = column ? op.Unsqueeze(b, op.int64([1])) : b;
    const missing = [...(row ? [-2] : []), ...(column ? [-1] : [])];
    // Unsqueeze counts negative axes in its result, so both at once name the last two.
    const dY = missing.length > 0 ? op.Unsqueeze(dy, op.int64(missing)) : dy;
    const dB = wants[1] ? op.MatMul(transposed(c, left), dY) : null;
    return [
      wants[0] ? op.MatMul(dY, transposed(c, right)) : null,
      dB !== null && column ? op.Squeeze(dB, op.int64([-1])) : dB,
    ];
  },

  // Y = α·A·B + β·C  Ā = α·Ȳ·Bᵀ            B̄ = α·Aᵀ·Ȳ        C̄ = β·Ȳ
  Gemm: ({ op, dy, x: [a, b], attrs, wants }) => {
    const { alpha = 1, beta = 1, transA = 0, transB = 0 } = attrs;
    const [flipA, flipB] = [transA ? 0 : 1, transB ? 0 : 1];
    const dA = () =>
      transA ? op.Gemm(b, dy, { alpha, transA: transB, transB: 1 }) : op.Gemm(dy, b, { alpha, transB: flipB });
    const dB = () =>
      transB ? op.Gemm(dy, a, { alpha, transA: 1, transB: transA }) : op.Gemm(a, dy, { alpha, transA: flipA });
    const dC = () => (beta === 1 ? dy : op.Mul(dy, Number(beta)));
    return [wants[0] ? dA() : null, wants[1] ? dB() : null, wants[2] ? dC() : null];
  },

  // y[r] = Σ Π xᵢ[tᵢ]  x̄ᵢ[tᵢ] = Σ ȳ[r] · Πⱼ≠ᵢ xⱼ[tⱼ]
  Einsum: (c) => {
    const { operands, result } = einsumTerms(String(c.attrs.equation));
    return c.x.map((_, index) => (c.wants[index] ? einsumGradient(c, operands, result, index) : null));
  },
} satisfies Rules;

/**
 * The product of dy and the other operands, in the order of the wanted one's letters. A letter that it has twice is a
 * diagonal, so its second gets a letter of its own and an identity matrix; one that is nowhere else was summed alone,
 * so the gradient is repeated along it.
 */
function einsumGradient(c: RuleContext, operands: readonly string[], result: string, index: number): Value {
  const { op, dy, x } = c;
  const spare = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"].filter(
    (letter) => !operands.join("").includes(letter),
  );
  const terms: [string, Value][] = [
    [result, dy],
    ...operands.flatMap((term, i): [string, Value][] => (i === index ? [] : [[term, x[i]]])),
  ];
  const letters: string[] = [];
  for (const [axis, letter] of einsumLetters(operands[index]).entries()) {
    if (!letters.includes(letter)) letters.push(letter);
    else {
      const second = spare.shift()!;
      letters.push(second);
      terms.push([letter + second, identity(c, x[index], axis)]);
    }
  }
  const known = new Set(terms.flatMap(([term]) => einsumLetters(term)));
  const target = letters.filter((letter) => known.has(letter));
  const product = op.Einsum(...terms.map(([, value]) => value), {
    equation: `${terms.map(([term]) => term).join(",")}->${target.join("")}`,
  });
  const alone = letters.flatMap((letter, axis) => (known.has(letter) ? [] : [axis]));
  return alone.length === 0 ? product : op.Expand(op.Unsqueeze(product, op.int64(alone)), c.shapeOf(x[index]));
}

/** The identity matrix with as many rows as `x` is long in `axis`. */
function identity({ op, shapeOf, type }: RuleContext, x: Value, axis: number): Value {
  const size = op.Slice(shapeOf(x), op.int64([axis]), op.int64([axis + 1]));
  const square = op.Expand(
    op.Cast(op.int64(0), { to: type(x) === "float64" ? "float64" : "float32" }),
    op.Concat(size, size, { axis: 0 }),
  );
  return op.EyeLike(square);
}
