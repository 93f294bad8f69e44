/** A formula as it is drawn: `diffusion/formula/functions.ts` in operators of ONNX. */
import type { Expression, FunctionName, OperatorName } from "../../diffusion/index.ts";
import type { Drawing, Value } from "../drawing.ts";

type Op = Drawing["op"];
/** A plain number is a constant of the graph. */
type Drawn = Value | number;

const float = (op: Op, truth: Value): Value => op.Cast(truth, { to: "float32" });
const isTrue = (op: Op, x: Drawn): Value => op.Not(op.Equal(x, 0));

const operators = {
  "+": (op, a, b) => op.Add(a, b),
  "-": (op, a, b) => op.Sub(a, b),
  "*": (op, a, b) => op.Mul(a, b),
  "/": (op, a, b) => op.Div(a, b),
  "^": (op, a, b) => op.Pow(a, b),
  "<": (op, a, b) => float(op, op.Less(a, b)),
  "<=": (op, a, b) => float(op, op.LessOrEqual(a, b)),
  ">": (op, a, b) => float(op, op.Greater(a, b)),
  ">=": (op, a, b) => float(op, op.GreaterOrEqual(a, b)),
  "==": (op, a, b) => float(op, op.Equal(a, b)),
  "!=": (op, a, b) => float(op, op.Not(op.Equal(a, b))),
  "&&": (op, a, b) => float(op, op.And(isTrue(op, a), isTrue(op, b))),
  "||": (op, a, b) => float(op, op.Or(isTrue(op, a), isTrue(op, b))),
} as const satisfies Readonly<Record<OperatorName, (op: Op, a: Drawn, b: Drawn) => Value>>;

const clamp = (op: Op, x: Drawn, low: Drawn, high: Drawn): Value => op.Min(op.Max(x, low), high);

const functions = {
  exp: (op, x) => op.Exp(x),
  log: (op, x) => op.Log(x),
  sqrt: (op, x) => op.Sqrt(x),
  abs: (op, x) => op.Abs(x),
  sign: (op, x) => op.Sign(x),
  floor: (op, x) => op.Floor(x),
  sin: (op, x) => op.Sin(x),
  cos: (op, x) => op.Cos(x),
  tanh: (op, x) => op.Tanh(x),
  sigmoid: (op, x) => op.Sigmoid(x),
  min: (op, first, ...rest) => rest.reduce<Drawn>((least, x) => op.Min(least, x), first),
  max: (op, first, ...rest) => rest.reduce<Drawn>((most, x) => op.Max(most, x), first),
  clamp,
  where: (op, condition, x, y) => op.Where(isTrue(op, condition), x, y),
  table: (op, at, ...values) =>
    values
      .slice(0, -1)
      .reduceRight<Drawn>((rest, value, k) => op.Where(op.Less(at, k + 0.5), value, rest), values[values.length - 1]),
  curve: (op, x, ...points) => {
    let y = points[1];
    for (let k = 0; k + 3 < points.length; k += 2) {
      const [x0, y0, x1, y1] = points.slice(k, k + 4);
      // Computed points that do not rise have no curve: NaN is stopped where it comes out, as a run's error is.
      const way = op.Sub(x1, x0);
      const length = [x0, x1].every((x) => typeof x === "number") ? way : op.Where(op.Greater(way, 0), way, Number.NaN);
      const slope = op.Div(op.Sub(y1, y0), length);
      y = op.Add(y, op.Mul(slope, clamp(op, op.Sub(x, x0), 0, length)));
    }
    return y;
  },
} as const satisfies Readonly<Record<FunctionName, (op: Op, ...given: readonly Drawn[]) => Drawn>>;

/** The formula of what is named. */
export function drawnFormula(op: Op, expression: Expression, named: (name: string) => Value): Drawn {
  switch (expression.is) {
    case "number":
      return expression.value;
    case "name":
      return named(expression.name);
    case "both": {
      const [a, b] = [expression.a, expression.b].map((one) => drawnFormula(op, one, named));
      return operators[expression.by](op, a, b);
    }
    case "call": {
      const given = expression.given.map((one) => drawnFormula(op, one, named));
      return (functions[expression.of] as (op: Op, ...given: readonly Drawn[]) => Drawn)(op, ...given);
    }
  }
}
