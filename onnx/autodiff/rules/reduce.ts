/** Gradients of reductions: the gradient goes back to each of the reduced values. */
import type { AttributesOf } from "../../operators.ts";
import type { Value } from "../../rewrite/builder.ts";
import { divide, product } from "../../shapes/size.ts";
import type { Rule, RuleContext, Rules } from "../rule.ts";

/** dy, or another value of its shape, with the reduced axes put back as ones, so that it broadcasts against x. */
export function keepReduced({ op, x: [, axes], attrs, numbers }: RuleContext, dy: Value): Value {
  // A scalar, the sum of everything, broadcasts as it is.
  const all = axes === undefined || axes === "" || numbers(axes)?.length === 0;
  return all || attrs.keepdims !== 0 ? dy : op.Unsqueeze(dy, axes);
}

/** How many values went into each result: a number, or where it is known only at run time a value like dy's. */
export function reducedCount({ op, x: [x], y, shape, shapeOf, type }: RuleContext): number | Value {
  const [from, to] = [shape(x), shape(y)];
  // A batch size that is known only at run time cancels out.
  const count = from && to && divide(product(from), product(to));
  if (typeof count === "number") return count;
  const size = (value: Value): Value => op.Cast(op.ReduceProd(shapeOf(value), { keepdims: 0 }), { to: type(x) });
  return op.Div(size(x), size(y));
}

/** The share of the values that are the extreme one; where several are, each gets an equal part (as in PyTorch). */
const extreme: Rule<AttributesOf<"ReduceMax" | "ReduceMin">> = (c) => {
  const { op, y, dy, type } = c;
  const [x, axes] = c.x;
  const chosen = op.Cast(op.Equal(x, keepReduced(c, y)), { to: type(x) });
  const noop = c.attrs.noop_with_empty_axes ?? 0;
  const ties = op.ReduceSum(chosen, axes ?? null, { keepdims: 1, noop_with_empty_axes: noop });
  return [op.Mul(op.Div(chosen, ties), keepReduced(c, dy)), null];
};

export const reduce = {
  // y = Σ xᵢ         x̄ᵢ = ȳ
  ReduceSum: (c) => [c.op.Expand(keepReduced(c, c.dy), c.shapeOf(c.x[0])), null],

  // y = Σ xᵢ / n     x̄ᵢ = ȳ/n
  ReduceMean: (c) => {
    const count = reducedCount(c);
    const share = typeof count === "number" ? c.op.Mul(c.dy, 1 / count) : c.op.Div(c.dy, count);
    return [c.op.Expand(keepReduced(c, share), c.shapeOf(c.x[0])), null];
  },

  // y = max xᵢ       x̄ᵢ = ȳ where xᵢ = y
  ReduceMax: extreme,

  // y = min xᵢ       x̄ᵢ = ȳ where xᵢ = y
  ReduceMin: extreme,
} satisfies Rules;
