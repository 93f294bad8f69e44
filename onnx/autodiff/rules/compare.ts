/**
 * Gradients of operators that choose among values or bend them at a point. Where several inputs are equal to a maximum
 * or minimum, each gets its share: the subgradient that central differences see for two.
 */
import type { Value } from "../../rewrite/builder.ts";
import type { RuleContext, Rules } from "../rule.ts";

/** dy shared among the inputs that equal y. */
function shared({ op, x, y, dy, type }: RuleContext): Value[] {
  if (x.length === 1) return [dy];
  const chosen = x.map((value) => op.Equal(value, y));
  const to = type(y);
  const count = chosen.map((mask) => op.Cast(mask, { to })).reduce((a, b) => op.Add(a, b));
  const share = op.Div(dy, count);
  return chosen.map((mask) => op.Where(mask, share, 0));
}

export const compare = {
  // y = |x|                          x̄ = ȳ·sign x
  Abs: ({ op, dy, x: [x] }) => [op.Mul(dy, op.Sign(x))],

  // y = max xᵢ                       x̄ᵢ = xᵢ = y ? ȳ / #{xⱼ = y} : 0
  Max: shared,

  // y = min xᵢ                       x̄ᵢ = xᵢ = y ? ȳ / #{xⱼ = y} : 0
  Min: shared,

  // y = Σ xᵢ                         x̄ᵢ = ȳ
  Sum: ({ dy, x }) => x.map(() => dy),

  // y = Σ xᵢ / n                     x̄ᵢ = ȳ / n
  Mean: ({ op, dy, x }) => {
    const share = op.Mul(dy, 1 / x.length);
    return x.map(() => share);
  },

  // y = min(max(x, l), h)            x̄ = l ≤ x ≤ h ? ȳ : 0     l̄ = x < l ≤ h ? ȳ : 0     h̄ = max(x, l) > h ? ȳ : 0
  Clip: ({ op, dy, x: [x, low = "", high = ""] }) => {
    const over = high && op.Greater(low ? op.Max(x, low) : x, high);
    const under = low && op.Less(x, low);
    const below = high ? op.Where(over, 0, dy) : dy;
    return [
      low ? op.Where(under, 0, below) : below,
      low ? op.Where(under, below, 0) : null,
      high ? op.Where(over, dy, 0) : null,
    ];
  },

  // y = a − b·trunc(a / b)           ā = ȳ      b̄ = −ȳ·trunc(a / b)         (floats have fmod = 1)
  Mod: ({ op, dy, x: [a, b], wants }) => {
    if (!wants[1]) return [dy];
    const ratio = op.Div(a, b);
    return [dy, op.Neg(op.Mul(dy, op.Mul(op.Sign(ratio), op.Floor(op.Abs(ratio)))))];
  },

  // y = x, or in training x·mask / (1 − r)        x̄ = ȳ, or ȳ·mask / (1 − r)      r̄ = 0, or Σ ȳ·y / (1 − r)
  Dropout: ({ op, dy, x: [x, ratio = "", training = ""], y, ys, wants, numbers, type, error, zerosLike }) => {
    if (training === "" || numbers(training)?.[0] === 0) return [dy, wants[1] ? zerosLike(ratio) : null];
    if (!ys[1]) throw error("it is in training mode, and its mask is no output");
    const kept = op.Mul(dy, op.Cast(ys[1], { to: type(x) }));
    const left = ratio === "" ? 0.5 : op.Sub(1, ratio);
    return [op.Div(kept, left), wants[1] ? op.ReduceSum(op.Div(op.Mul(dy, y), left), null, { keepdims: 0 }) : null];
  },

  // y = 1 / x                        x̄ = −ȳ·y²
  Reciprocal: ({ op, dy, y }) => [op.Neg(op.Mul(dy, op.Mul(y, y)))],
} satisfies Rules;
