/** What a formula may call. Logarithm and exponential are the house's own, so that every engine gives the same bits. */
import { cosOfTurns, exp, log } from "../elementary.ts";

const ln = (x: number): number =>
  x > 0 ? log(Math.max(x, 2 ** -1022)) : x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;

/** aᵇ; of a negative a whole exponents alone. Small ones are products: as exact as a hand would multiply. */
export function power(a: number, b: number): number {
  if (Number.isInteger(b) && Math.abs(b) <= 64) {
    let [whole, result] = [Math.abs(b), 1];
    for (let square = a; whole > 0; whole = Math.floor(whole / 2), square *= square)
      if (whole % 2 === 1) result *= square;
    return b < 0 ? 1 / result : result;
  }
  if (a === 0) return b > 0 ? 0 : Number.POSITIVE_INFINITY;
  if (a < 0 && Number.isInteger(b)) return (b % 2 === 0 ? 1 : -1) * power(-a, b);
  return exp(b * ln(a));
}

const turns = (x: number): number => x / (2 * Math.PI);

/** What the table gives at `at`: the value of the nearest place 0, 1, 2 …; beyond its ends the last one goes on. */
function table(at: number, ...values: readonly number[]): number {
  for (let k = 0; k < values.length - 1; k++) if (at < k + 0.5) return values[k];
  return values[values.length - 1];
}

/**
 * Straight between the points x₁, y₁, x₂, y₂ …, in ascending order of x; beyond their ends the last one goes on. Throws a
 * RangeError for points that do not rise; those that are typed falling the parser has turned round.
 */
function curve(x: number, ...points: readonly number[]): number {
  let y = points[1];
  for (let k = 0; k + 3 < points.length; k += 2) {
    const [x0, y0, x1, y1] = points.slice(k, k + 4);
    if (!(x1 > x0)) throw new RangeError(`The points of a curve must rise in x, but ${x1} follows ${x0}`);
    y += ((y1 - y0) / (x1 - x0)) * Math.min(Math.max(x - x0, 0), x1 - x0);
  }
  return y;
}

export interface FormulaFunction {
  readonly least: number;
  readonly most: number;
  /** How its arguments are told, in a message and in help. */
  readonly form: string;
  readonly of: (...values: readonly number[]) => number;
}

/** Longer lists belong into a file. */
const MOST_VALUES = 512;

export const functions = {
  exp: { least: 1, most: 1, form: "exp(x)", of: (x) => exp(x) },
  log: { least: 1, most: 1, form: "log(x)", of: (x) => ln(x) },
  sqrt: { least: 1, most: 1, form: "sqrt(x)", of: (x) => Math.sqrt(x) },
  abs: { least: 1, most: 1, form: "abs(x)", of: (x) => Math.abs(x) },
  sign: { least: 1, most: 1, form: "sign(x)", of: (x) => Math.sign(x) },
  floor: { least: 1, most: 1, form: "floor(x)", of: (x) => Math.floor(x) },
  sin: { least: 1, most: 1, form: "sin(x)", of: (x) => cosOfTurns(turns(x) - 0.25) },
  cos: { least: 1, most: 1, form: "cos(x)", of: (x) => cosOfTurns(turns(x)) },
  tanh: { least: 1, most: 1, form: "tanh(x)", of: (x) => 1 - 2 / (exp(2 * x) + 1) },
  sigmoid: { least: 1, most: 1, form: "sigmoid(x)", of: (x) => 1 / (1 + exp(-x)) },
  min: { least: 2, most: MOST_VALUES, form: "min(x, y, …)", of: (...values) => Math.min(...values) },
  max: { least: 2, most: MOST_VALUES, form: "max(x, y, …)", of: (...values) => Math.max(...values) },
  clamp: { least: 3, most: 3, form: "clamp(x, low, high)", of: (x, low, high) => Math.min(Math.max(x, low), high) },
  where: { least: 3, most: 3, form: "where(condition, x, y)", of: (c, x, y) => (c === 0 ? y : x) },
  table: { least: 2, most: MOST_VALUES, form: "table(at, value, value, …)", of: table },
  curve: { least: 5, most: MOST_VALUES, form: "curve(at, x, y, x, y, …)", of: curve },
} as const satisfies Readonly<Record<string, FormulaFunction>>;

export type FunctionName = keyof typeof functions;

export const operators = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "^": power,
  "<": (a, b) => Number(a < b),
  "<=": (a, b) => Number(a <= b),
  ">": (a, b) => Number(a > b),
  ">=": (a, b) => Number(a >= b),
  "==": (a, b) => Number(a === b),
  "!=": (a, b) => Number(a !== b),
  "&&": (a, b) => Number(a !== 0 && b !== 0),
  "||": (a, b) => Number(a !== 0 || b !== 0),
} as const satisfies Readonly<Record<string, (a: number, b: number) => number>>;

export type OperatorName = keyof typeof operators;
