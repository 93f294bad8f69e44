/** Gradients of activation functions, in the parameters' names of the ONNX specification. */
import type { Value } from "../../rewrite/builder.ts";
import type { RuleContext, Rules } from "../rule.ts";

/** dy where the condition holds, else nothing. */
const where = ({ op, dy }: RuleContext, condition: Value): Value => op.Where(condition, dy, 0);

/** low < x < high. */
const between = ({ op }: RuleContext, x: Value, low: number, high: number): Value =>
  op.And(op.Greater(x, low), op.Less(x, high));

/** Standard normal density φ(x) and distribution Φ(x). */
const density = ({ op }: RuleContext, x: Value): Value =>
  op.Mul(op.Exp(op.Mul(op.Mul(x, x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
const distribution = ({ op }: RuleContext, x: Value): Value => op.Mul(op.Add(op.Erf(op.Mul(x, Math.SQRT1_2)), 1), 0.5);

export const activation = {
  // y = x > 0 ? x : αx               x̄ = ȳ · (x > 0 ? 1 : α)
  LeakyRelu: ({ op, dy, x: [x], attrs }) => [op.Where(op.Greater(x, 0), dy, op.Mul(dy, attrs.alpha ?? 0.01))],

  // y = x ≥ 0 ? x : s·x              x̄ = ȳ · (x ≥ 0 ? 1 : s)       s̄ = x ≥ 0 ? 0 : ȳ·x
  PRelu: ({ op, dy, x: [x, slope] }) => {
    const negative = op.Less(x, 0);
    return [op.Where(negative, op.Mul(dy, slope), dy), op.Where(negative, op.Mul(dy, x), 0)];
  },

  // y = x > α ? x : 0                x̄ = x > α ? ȳ : 0
  ThresholdedRelu: (c) => [where(c, c.op.Greater(c.x[0], c.attrs.alpha ?? 1))],

  // y = x > 0 ? x : α(eˣ − 1)        x̄ = ȳ · (x > 0 ? 1 : y + α)
  Elu: ({ op, dy, x: [x], y, attrs }) => [op.Where(op.Greater(x, 0), dy, op.Mul(dy, op.Add(y, attrs.alpha ?? 1)))],

  // y = x > 0 ? x : α(e^(x/α) − 1)   x̄ = ȳ · (x > 0 ? 1 : y/α + 1)
  Celu: ({ op, dy, x: [x], y, attrs }) => [
    op.Where(op.Greater(x, 0), dy, op.Mul(dy, op.Add(op.Mul(y, 1 / (attrs.alpha ?? 1)), 1))),
  ],

  // y = γ(x > 0 ? x : α(eˣ − 1))     x̄ = ȳ · (x > 0 ? γ : y + γα)
  Selu: ({ op, dy, x: [x], y, attrs }) => {
    // Klambauer et al. 2017 (arXiv:1706.02515), eq. 14.
    const alpha = attrs.alpha ?? 1.6732632423543772;
    const gamma = attrs.gamma ?? 1.0507009873554805;
    return [op.Mul(dy, op.Where(op.Greater(x, 0), gamma, op.Add(y, gamma * alpha)))];
  },

  // y = clip(αx + β, 0, 1)           x̄ = 0 < y < 1 ? αȳ : 0
  HardSigmoid: (c) => [c.op.Mul(where(c, between(c, c.y, 0, 1)), c.attrs.alpha ?? 0.2)],

  // y = x·clip(x/6 + ½, 0, 1)        x̄ = ȳ · (x > 3 ? 1 : x < −3 ? 0 : x/3 + ½)
  HardSwish: (c) => {
    const { op, dy } = c;
    const inner = op.Mul(dy, op.Add(op.Mul(c.x[0], 1 / 3), 0.5));
    return [op.Where(between(c, c.x[0], -3, 3), inner, where(c, op.Greater(c.x[0], 0)))];
  },

  // y = x·σ(αx)                      x̄ = ȳ·(σ + αy(1 − σ))
  Swish: ({ op, dy, x: [x], y, attrs }) => {
    const alpha = attrs.alpha ?? 1;
    const sigmoid = op.Sigmoid(op.Mul(x, alpha));
    return [op.Mul(dy, op.Add(sigmoid, op.Mul(op.Mul(y, alpha), op.Sub(1, sigmoid))))];
  },

  // y = ln(1 + eˣ)                   x̄ = ȳ·σ(x)
  Softplus: ({ op, dy, x: [x] }) => [op.Mul(dy, op.Sigmoid(x))],

  // y = x / (1 + |x|)                x̄ = ȳ / (1 + |x|)²
  Softsign: ({ op, dy, x: [x] }) => {
    const size = op.Add(op.Abs(x), 1);
    return [op.Div(dy, op.Mul(size, size))];
  },

  // y = x·t, t = tanh(ln(1 + eˣ))    x̄ = ȳ·(t + x(1 − t²)·σ(x))
  Mish: ({ op, dy, x: [x] }) => {
    const t = op.Tanh(op.Softplus(x));
    const slope = op.Mul(op.Mul(x, op.Sub(1, op.Mul(t, t))), op.Sigmoid(x));
    return [op.Mul(dy, op.Add(t, slope))];
  },

  // y = x·Φ(x)                       x̄ = ȳ·(Φ(x) + x·φ(x))
  // y = x(1 + t)/2, t = tanh(u), u = √(2/π)·(x + κx³)       x̄ = ȳ·(1 + t + x(1 − t²)·u′)/2
  Gelu: (c) => {
    const { op, dy, attrs } = c;
    const [x] = c.x;
    if (attrs.approximate !== "tanh") return [op.Mul(dy, op.Add(distribution(c, x), op.Mul(x, density(c, x))))];
    // Hendrycks & Gimpel 2016 (arXiv:1606.08415), section 2.
    const [scale, kappa] = [Math.sqrt(2 / Math.PI), 0.044715];
    const square = op.Mul(x, x);
    const t = op.Tanh(op.Mul(op.Mul(x, op.Add(op.Mul(square, kappa), 1)), scale));
    const slope = op.Mul(op.Add(op.Mul(square, 3 * kappa), 1), scale);
    const rise = op.Mul(op.Mul(x, op.Sub(1, op.Mul(t, t))), slope);
    return [op.Mul(op.Mul(dy, op.Add(op.Add(t, 1), rise)), 0.5)];
  },

  // y = x > λ ? x − b : x < −λ ? x + b : 0       x̄ = |x| > λ ? ȳ : 0
  Shrink: (c) => [where(c, c.op.Greater(c.op.Abs(c.x[0]), c.attrs.lambd ?? 0.5))],
} satisfies Rules;
