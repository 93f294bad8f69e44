/** Gradients of operators that work value by value. Broadcasting is undone by the walk. */
import type { Value } from "../../rewrite/builder.ts";
import type { Rules } from "../rule.ts";

export const elementwise = {
  // y = a + b        ā = ȳ                 b̄ = ȳ
  Add: ({ dy }) => [dy, dy],

  // y = a − b        ā = ȳ                 b̄ = −ȳ
  Sub: ({ op, dy, wants }) => [dy, wants[1] ? op.Neg(dy) : null],

  // y = a · b        ā = ȳ·b               b̄ = ȳ·a
  Mul: ({ op, dy, x: [a, b] }) => [op.Mul(dy, b), op.Mul(dy, a)],

  // y = a / b        ā = ȳ/b               b̄ = −ȳ·y/b
  Div: ({ op, dy, x: [, b], y, wants }) => {
    const quotient = op.Div(dy, b);
    return [quotient, wants[1] ? op.Neg(op.Mul(quotient, y)) : null];
  },

  // y = −x           x̄ = −ȳ
  Neg: ({ op, dy }) => [op.Neg(dy)],

  // y = √x           x̄ = ȳ/2y, and 0 where y is 0: exporters write norms as roots of sums, which have subgradient 0 there
  Sqrt: ({ op, dy, y }) => [op.Where(op.Equal(y, 0), 0, op.Div(dy, op.Mul(y, 2)))],

  // y = eˣ           x̄ = ȳ·y
  Exp: ({ op, dy, y }) => [op.Mul(dy, y)],

  // y = ln x         x̄ = ȳ/x
  Log: ({ op, dy, x: [x] }) => [op.Div(dy, x)],

  // y = aᵇ           ā = ȳ·b·aᵇ⁻¹          b̄ = ȳ·y·ln a          (0⁰ = 1 and 0ᵇ = 0 near by, so at a = 0 both may be 0; a
  //                                                              root there has slope 0 as √ has: of Σ|xᵢ|ᵖ it is a p-norm)
  Pow: ({ op, dy, x: [a, exponent], y, wants, type, numbers }) => {
    // The exponent may be of another type, even an integer.
    const b = type(exponent) === type(a) ? exponent : op.Cast(exponent, { to: type(a) });
    const known = numbers(exponent);
    const isRoot = (): Value => op.And(op.GreaterOrEqual(b, 0), op.Less(b, 1));
    const slope = (): Value => {
      const steep = op.Mul(b, op.Pow(a, op.Sub(b, 1)));
      if (known?.every((value) => value < 0 || value >= 1)) return steep;
      const isFlat = op.Equal(a, 0);
      return op.Where(known?.every((value) => value >= 0 && value < 1) ? isFlat : op.And(isFlat, isRoot()), 0, steep);
    };
    const rise = (): Value => {
      const flat = op.And(op.Equal(a, 0), op.GreaterOrEqual(b, 0));
      return op.Where(flat, 0, op.Mul(y, op.Log(a)));
    };
    return [
      wants[0] ? op.Mul(dy, slope()) : null,
      wants[1] ? op.Cast(op.Mul(dy, rise()), { to: type(exponent) }) : null,
    ];
  },

  // y = x            x̄ = ȳ
  Identity: ({ dy }) => [dy],

  // y is x in another type; between floats the gradient takes the way back
  Cast: ({ op, dy, x: [x], type }) => [op.Cast(dy, { to: type(x) })],

  // y is x in the type of another value, whose values do not matter
  CastLike: ({ op, dy, x: [x, like], type, wants, zerosLike }) => [
    wants[0] ? op.Cast(dy, { to: type(x) }) : null,
    wants[1] ? zerosLike(like) : null,
  ],

  // y = c ? a : b    ā = c ? ȳ : 0         b̄ = c ? 0 : ȳ
  Where: ({ op, dy, x: [condition] }) => [null, op.Where(condition, dy, 0), op.Where(condition, 0, dy)],

  // y = max(x, 0)    x̄ = ȳ where y > 0
  Relu: ({ op, dy, y }) => [op.Where(op.Greater(y, 0), dy, 0)],

  // y = σ(x)         x̄ = ȳ·y·(1 − y)
  Sigmoid: ({ op, dy, y }) => [op.Mul(dy, op.Mul(y, op.Sub(1, y)))],

  // y = tanh x       x̄ = ȳ·(1 − y²)
  Tanh: ({ op, dy, y }) => [op.Mul(dy, op.Sub(1, op.Mul(y, y)))],

  // y = erf x        x̄ = ȳ·2/√π·e^(−x²)
  Erf: ({ op, dy, x: [x] }) => [op.Mul(dy, op.Mul(op.Exp(op.Neg(op.Mul(x, x))), 2 / Math.sqrt(Math.PI)))],
} satisfies Rules;
