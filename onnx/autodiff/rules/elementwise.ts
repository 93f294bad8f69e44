/** Gradients of operators that work value by value. Broadcasting is undone by the walk. */
import type { Rule } from "../rule.ts";

export const elementwise = {
  // y = a + b        ā = ȳ                 b̄ = ȳ
  Add: ({ dy }) => [dy, dy],

  // y = a · b        ā = ȳ·b               b̄ = ȳ·a
  Mul: ({ op, dy, x: [a, b] }) => [op.Mul(dy, b), op.Mul(dy, a)],

  // y = x            x̄ = ȳ
  Identity: ({ dy }) => [dy],

  // y = σ(x)         x̄ = ȳ·y·(1 − y)
  Sigmoid: ({ op, dy, y }) => [op.Mul(dy, op.Mul(y, op.Sub(1, y)))],
} satisfies Record<string, Rule>;
