/**
 * Reads a formula: + − × ÷ ^, comparisons, && || !, a ? b : c, calls, numbers and names, by descent.
 *
 *   choice      disjunction ( "?" choice ":" choice )?
 *   disjunction conjunction ( "||" conjunction )*        conjunction  comparison ( "&&" comparison )*
 *   comparison  sum ( "<" sum )?                         sum          product ( "+" product )*
 *   product     signed ( "*" signed )*                   signed       ( "-" | "!" )* raised
 *   raised      value ( "^" signed )?                    value        number | name | name "(" … ")" | "(" choice ")"
 *
 * What is true is 1, and what is not 0 counts as true.
 */
import { type FormulaFunction, type FunctionName, functions, type OperatorName } from "./functions.ts";
import { FormulaError, type Token, tokens } from "./tokens.ts";

export type Expression =
  | { readonly is: "number"; readonly value: number }
  | { readonly is: "name"; readonly name: string; readonly at: number }
  | { readonly is: "both"; readonly by: OperatorName; readonly a: Expression; readonly b: Expression }
  | { readonly is: "call"; readonly of: FunctionName; readonly given: readonly Expression[] };

/** Deeper ones no person reads, and no stack should have to. */
const MOST_DEPTH = 100;

const constants: Readonly<Record<string, number>> = { pi: Math.PI, π: Math.PI };

const sum = ["+", "-"] as const;
const product = ["*", "/"] as const;
const comparisons = ["<", "<=", ">", ">=", "==", "!="] as const;

const number = (value: number): Expression => ({ is: "number", value });
const both = (by: OperatorName, a: Expression, b: Expression): Expression => ({ is: "both", by, a, b });

/** Throws a FormulaError with the place of what is wrong. */
export function parseFormula(text: string): Expression {
  const all = tokens(text);
  let next = 0;
  let depth = 0;
  const fail = ({ at }: Token, why: string): FormulaError => new FormulaError(text, at, why);
  const sign = <S extends string>(...signs: readonly S[]): S | undefined => {
    const token = all[next];
    const found = token.is === "sign" ? signs.find((one) => one === token.text) : undefined;
    if (found !== undefined) next++;
    return found;
  };
  const expect = (wanted: string, what: string): void => {
    if (sign(wanted) === undefined) throw fail(all[next], `${what} is missing before ${shown(all[next])}`);
  };
  /** Operands joined by operators of one rank, the left ones first. */
  const joined = (operand: () => Expression, signs: readonly OperatorName[]) => (): Expression => {
    let a = operand();
    for (let by = sign(...signs); by; by = sign(...signs)) a = both(by, a, operand());
    return a;
  };

  function choice(): Expression {
    const condition = disjunction();
    if (!sign("?")) return condition;
    const a = choice();
    expect(":", 'the ":" of a choice');
    return { is: "call", of: "where", given: [condition, a, choice()] };
  }

  function comparison(): Expression {
    const a = terms();
    const by = sign(...comparisons);
    if (by === undefined) return a;
    const compared = both(by, a, terms());
    const token = all[next];
    if (sign(...comparisons)) throw fail(token, "compare twice with &&: a < b && b < c");
    return compared;
  }

  function signed(): Expression {
    if (++depth > MOST_DEPTH) throw fail(all[next], "too much is nested in it");
    const by = sign("-", "+", "!");
    const value = by ? signed() : raised();
    depth--;
    if (by === "-") return value.is === "number" ? number(-value.value) : both("-", number(0), value);
    return by === "!" ? both("==", value, number(0)) : value;
  }

  function raised(): Expression {
    const base = value();
    return sign("^") ? both("^", base, signed()) : base;
  }

  function value(): Expression {
    const token = all[next];
    if (token.is === "number") {
      next++;
      return number(Number(token.text));
    }
    if (token.is === "name") {
      next++;
      if (sign("(")) return call(token);
      if (Object.hasOwn(functions, token.text))
        throw fail(token, `${token.text} is a function: write ${functionNamed(token.text)!.form}`);
      return Object.hasOwn(constants, token.text)
        ? number(constants[token.text])
        : { is: "name", name: token.text, at: token.at };
    }
    if (!sign("(")) throw fail(token, `a value is missing before ${shown(token)}`);
    const inner = choice();
    expect(")", 'a ")"');
    return inner;
  }

  function call(name: Token): Expression {
    const called = functionNamed(name.text);
    if (!called) throw fail(name, `there is no function ${name.text}, but ${Object.keys(functions).join(", ")}`);
    const given = [choice()];
    while (sign(",")) given.push(choice());
    expect(")", 'a ")"');
    const { least, most, form } = called;
    const isOdd = name.text === "curve" && given.length % 2 === 0;
    if (given.length < least || given.length > most || isOdd)
      throw fail(name, `it is called with ${given.length} value${given.length === 1 ? "" : "s"}: write ${form}`);
    const why = outOfOrder(name.text, given);
    if (why !== undefined) throw fail(name, why);
    return { is: "call", of: name.text as FunctionName, given: name.text === "curve" ? rising(given) : given };
  }

  const terms = joined(joined(signed, product), sum);
  const disjunction = joined(joined(comparison, ["&&"]), ["||"]);
  const whole = choice();
  if (all[next].is !== "end") throw fail(all[next], `an operator is missing before ${shown(all[next])}`);
  return whole;
}

const numbersOf = (given: readonly Expression[]): readonly number[] =>
  given.flatMap((one) => (one.is === "number" ? [one.value] : []));

/** The x of a curve's points, after where it is asked. */
const placesOf = (given: readonly Expression[]): Expression[] => given.filter((_, i) => i % 2 === 1);

/** What typed numbers contradict, before anything is computed. */
function outOfOrder(name: string, given: readonly Expression[]): string | undefined {
  if (name === "clamp") {
    const [low, high] = numbersOf(given.slice(1));
    return low > high ? `no value lies from ${low} to ${high}: the first must not be the greater` : undefined;
  }
  if (name !== "curve") return undefined;
  const places = placesOf(given);
  const x = numbersOf(places);
  if (x.length < places.length) return undefined;
  const rises = x.slice(1).map((next, k) => Math.sign(next - x[k]));
  return new Set(rises).size > 1 || rises[0] === 0 ? "the x of a curve's points must rise, or fall" : undefined;
}

/** A curve's points by rising x: noise levels and timesteps are written as they fall. */
function rising([at, ...points]: readonly Expression[]): readonly Expression[] {
  const [first, second] = [points[0], points[2]];
  if (first.is !== "number" || second?.is !== "number" || second.value > first.value) return [at, ...points];
  return [
    at,
    ...points
      .flatMap((x, i) => (i % 2 === 0 ? [[x, points[i + 1]]] : []))
      .reverse()
      .flat(),
  ];
}

const functionNamed = (name: string): FormulaFunction | undefined =>
  Object.hasOwn(functions, name) ? functions[name as FunctionName] : undefined;

const shown = ({ is, text }: Token): string => (is === "end" ? "its end" : `"${text}"`);

/** The names that an expression reads, each once, with its first place. */
export function namesOf(expression: Expression, found = new Map<string, number>()): ReadonlyMap<string, number> {
  if (expression.is === "name" && !found.has(expression.name)) found.set(expression.name, expression.at);
  if (expression.is === "both") for (const one of [expression.a, expression.b]) namesOf(one, found);
  if (expression.is === "call") for (const one of expression.given) namesOf(one, found);
  return found;
}
