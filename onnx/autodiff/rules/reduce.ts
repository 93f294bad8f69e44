/** Gradients of reductions: the gradient goes back to each of the reduced values. */
import type { Value } from "../../builder.ts";
import type { Rule, RuleContext } from "../rule.ts";

/** dy with the reduced axes put back as ones, so that it broadcasts against x; a scalar does as it is. */
export function keepReduced({ op, x: [, axes], attrs, numbers }: RuleContext, dy: Value): Value {
  const all = axes === undefined || axes === "" || numbers(axes)?.length === 0;
  return all || attrs.keepdims !== 0 ? dy : op.Unsqueeze(dy, axes);
}

export const reduce = {
  // y = Σ xᵢ         x̄ᵢ = ȳ
  ReduceSum: (c) => [c.op.Expand(keepReduced(c, c.dy), c.shapeOf(c.x[0])), null],
} satisfies Record<string, Rule>;
