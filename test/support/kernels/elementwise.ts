import { each, type Input, type KernelCase, kernelCase, shapes } from "./case.ts";

const pairs = [
  shapes("- -"),
  shapes("- 3,4"),
  shapes("3,4 -"),
  shapes("1 3,4"),
  shapes("4 3,4"),
  shapes("3,1 3,4"),
  shapes("3,1 1,4"),
  shapes("2,3,4 3,1"),
  shapes("2,1,4 1,3,1"),
  shapes("2,3,4,5 3,1,1"),
  shapes("2,4,4,4 1,4,1,1"),
  shapes("1,1,1,1 2,3,4,5"),
  shapes("5 5"),
  shapes("2,3,8 8"),
  shapes("2,3,8 3,8"),
  shapes("2,3,8 2,1,8"),
  shapes("2,3,8 2,3,1"),
  shapes("16,1 1,16"),
  shapes("16,3,8,8 16,1,1,1"),
  shapes("1,3,1,4 2,1,5,1"),
  shapes("2,3,5,5 1,3,1,1"),
];
const ints = (dims: readonly number[]): Input => ({ dims, type: "int64" });
const bools = (dims: readonly number[]): Input => ({ dims, type: "bool" });

export const elementwise: readonly KernelCase[] = [
  ...each(pairs, ["Add", "Sub", "Mul", "Max", "Min"]).map(([inputs, name]) =>
    kernelCase(name, inputs, (op, a, b) => op[name](a, b)),
  ),
  ...pairs.flatMap(([a, b]) => [
    kernelCase("Div", [a, b], (op, x, y) => op.Div(x, op.Add(op.Abs(y), 0.5))),
    kernelCase("Pow", [a, b], (op, x, y) => op.Pow(op.Add(op.Abs(x), 0.5), y)),
    kernelCase("Equal", [ints(a), ints(b)], (op, x, y) => op.Cast(op.Equal(x, y), { to: "float32" })),
  ]),
  ...each(pairs, ["Greater", "Less", "GreaterOrEqual", "LessOrEqual"]).map(([inputs, name]) =>
    kernelCase(name, inputs, (op, a, b) => op.Cast(op[name](a, b), { to: "float32" })),
  ),
  ...each(pairs, ["And", "Or"]).map(([[a, b], name]) =>
    kernelCase(name, [bools(a), bools(b)], (op, x, y) => op.Cast(op[name](x, y), { to: "float32" })),
  ),
  ...(
    [
      shapes("- - -"),
      shapes("3,4 3,4 3,4"),
      shapes("3,1 4 3,4"),
      shapes("1 3,4 -"),
      shapes("2,1,4 3,1 1"),
      shapes("4 4 2,3,4"),
      shapes("5,1 1,5 1"),
      shapes("2,3,8 2,3,1 8"),
      shapes("2,3,1 2,3,8 2,3,8"),
      shapes("2,1,1,1 2,3,4,4 2,3,4,4"),
    ] as const
  ).map(([is, a, b]) => kernelCase("Where", [bools(is), a, b], (op, is, a, b) => op.Where(is, a, b))),
  ...(
    [
      shapes("- 3,4"),
      shapes("4 3,4"),
      shapes("3,1 3,4"),
      shapes("1,4 3,1"),
      shapes("2,1,4 2,3,4"),
      shapes("1,1,1,1 2,3,4,5"),
      shapes("2,1,1,1 2,3,4,4"),
      shapes("8 3,8"),
      shapes("1 7"),
      shapes("1 8"),
      shapes("2,1 2,7"),
      shapes("3 1"),
    ] as const
  ).flatMap(([dims, to]) => [
    kernelCase(`Expand to ${to}`, [dims], (op, x) => op.Expand(x, op.int64(to))),
    kernelCase(`Expand to ${to}`, [bools(dims)], (op, x) => op.Cast(op.Expand(x, op.int64(to)), { to: "float32" })),
  ]),
  ...each(shapes("- 3 4 5,7 2,3,5,7"), [
    "Abs",
    "Neg",
    "Exp",
    "Sin",
    "Cos",
    "Tanh",
    "Erf",
    "Sigmoid",
    "Relu",
    "LeakyRelu",
    "Elu",
    "Softplus",
    "HardSigmoid",
    "HardSwish",
    "Sign",
  ]).map(([dims, name]) => kernelCase(name, [dims], (op, x) => op[name](x))),
  ...each(shapes("- 3 4 5,7"), ["Sqrt", "Log", "Reciprocal", "Atan", "Asinh"]).map(([dims, name]) =>
    kernelCase(name, [dims], (op, x) => op[name](op.Add(op.Abs(x), 0.1))),
  ),
  ...each(shapes("3 4 5,7"), ["Floor", "Ceil", "Round"]).map(([dims, name]) =>
    kernelCase(name, [dims], (op, x) => op[name](op.Mul(x, 3))),
  ),
  ...each(shapes("3 8"), ["int64", "int32", "bool"]).map(([dims, to]) =>
    kernelCase(`Cast to ${to}`, [dims], (op, x) => op.Cast(op.Cast(op.Mul(x, 5), { to }), { to: "float32" })),
  ),
];
