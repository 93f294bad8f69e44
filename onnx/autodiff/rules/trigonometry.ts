/** Gradients of circular and hyperbolic functions and their inverses. */
import type { Rules } from "../rule.ts";

export const trigonometry = {
  // y = sin x        x̄ = ȳ·cos x
  Sin: ({ op, dy, x: [x] }) => [op.Mul(dy, op.Cos(x))],

  // y = cos x        x̄ = −ȳ·sin x
  Cos: ({ op, dy, x: [x] }) => [op.Neg(op.Mul(dy, op.Sin(x)))],

  // y = tan x        x̄ = ȳ·(1 + y²)
  Tan: ({ op, dy, y }) => [op.Mul(dy, op.Add(op.Mul(y, y), 1))],

  // y = arcsin x     x̄ = ȳ / √(1 − x²)
  Asin: ({ op, dy, x: [x] }) => [op.Div(dy, op.Sqrt(op.Sub(1, op.Mul(x, x))))],

  // y = arccos x     x̄ = −ȳ / √(1 − x²)
  Acos: ({ op, dy, x: [x] }) => [op.Neg(op.Div(dy, op.Sqrt(op.Sub(1, op.Mul(x, x)))))],

  // y = arctan x     x̄ = ȳ / (1 + x²)
  Atan: ({ op, dy, x: [x] }) => [op.Div(dy, op.Add(op.Mul(x, x), 1))],

  // y = sinh x       x̄ = ȳ·cosh x
  Sinh: ({ op, dy, x: [x] }) => [op.Mul(dy, op.Cosh(x))],

  // y = cosh x       x̄ = ȳ·sinh x
  Cosh: ({ op, dy, x: [x] }) => [op.Mul(dy, op.Sinh(x))],

  // y = arsinh x     x̄ = ȳ / √(x² + 1)
  Asinh: ({ op, dy, x: [x] }) => [op.Div(dy, op.Sqrt(op.Add(op.Mul(x, x), 1)))],

  // y = arcosh x     x̄ = ȳ / √(x² − 1)
  Acosh: ({ op, dy, x: [x] }) => [op.Div(dy, op.Sqrt(op.Sub(op.Mul(x, x), 1)))],

  // y = artanh x     x̄ = ȳ / (1 − x²)
  Atanh: ({ op, dy, x: [x] }) => [op.Div(dy, op.Sub(1, op.Mul(x, x)))],
} satisfies Rules;
