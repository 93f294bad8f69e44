/** A formula computed value by value, in double precision, each result rounded once. */
import type { Numbers } from "../numbers.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { functions, operators } from "./functions.ts";
import type { Expression } from "./parse.ts";

/** The formula of numbers. */
export function evaluateNumber(expression: Expression, values: Readonly<Record<string, number>>): number {
  return compiled(expression, (name) => ({ at: () => values[name], isOne: true })).at(0);
}

/**
 * The formula of tensors, and numbers, which go with any: along each axis they are as long as the longest, or 1 long, and then
 * that one value serves all. Numbers alone make 1×1×1×1. Throws a RangeError for shapes that do not go together, and where a
 * result is no finite number.
 */
export function evaluate(expression: Expression, values: Readonly<Record<string, Numbers>>): Tensor {
  const tensors = Object.values(values).filter((value): value is Tensor => typeof value !== "number");
  const dims = broadcast(tensors.map(({ dims }) => dims));
  const { at } = compiled(expression, (name) => ({
    at: reader(values[name], dims),
    isOne: typeof values[name] === "number",
  }));
  const data = new Float32Array(sizeOf(dims));
  for (let i = 0; i < data.length; i++) {
    const value = at(i);
    data[i] = value;
    if (!Number.isFinite(data[i])) {
      const given = Object.entries(values).map(
        ([name, of]) => `${name} = ${Number(reader(of, dims)(i).toPrecision(6))}`,
      );
      throw new RangeError(`Its result is ${value} where ${given.join(", ") || "nothing is given"}`);
    }
  }
  return { dims, data };
}

/** The shape that all go into. Throws a RangeError where there is none. */
export function broadcast(shapes: readonly (readonly number[])[]): readonly number[] {
  const rank = shapes.reduce((most, { length }) => Math.max(most, length), 4);
  return Array.from({ length: rank }, (_, axis) => {
    const lengths = shapes.map((dims) => dims[axis] ?? 1);
    const longest = lengths.find((length) => length !== 1) ?? 1;
    if (lengths.some((length) => length !== 1 && length !== longest))
      throw new RangeError(`Cannot combine tensors of shapes ${shapes.map((dims) => dims.join("×")).join(" and ")}`);
    return longest;
  });
}

/** An input's value for each value of the result. */
function reader(value: Numbers, dims: readonly number[]): (i: number) => number {
  if (typeof value === "number") return () => value;
  const { data } = value;
  if (data.length === sizeOf(dims)) return (i) => data[i];
  if (data.length === 1) return () => data[0];
  const steps = strides(value.dims, dims);
  return (i) => {
    let [rest, at] = [i, 0];
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      at += (rest % dims[axis]) * steps[axis];
      rest = Math.floor(rest / dims[axis]);
    }
    return data[at];
  };
}

/** How far apart neighbours along each axis lie; 0 along those that one value serves. */
function strides(own: readonly number[], dims: readonly number[]): number[] {
  const steps = new Array<number>(dims.length).fill(0);
  let step = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    const length = own[axis] ?? 1;
    if (length !== 1) steps[axis] = step;
    step *= length;
  }
  return steps;
}

type At = (i: number) => number;

/** `isOne`: it reads numbers alone, and is the same for each value. */
interface Part {
  readonly at: At;
  readonly isOne: boolean;
}

/** What is the same for each value, as a curve over the steps, is computed for the first that asks. */
function compiled(expression: Expression, named: (name: string) => Part): Part {
  switch (expression.is) {
    case "number":
      return { at: () => expression.value, isOne: true };
    case "name":
      return named(expression.name);
    case "both": {
      const [a, b] = [compiled(expression.a, named), compiled(expression.b, named)];
      const operator: (a: number, b: number) => number = operators[expression.by];
      return once([a, b], (i) => operator(a.at(i), b.at(i)));
    }
    case "call": {
      const given = expression.given.map((one) => compiled(one, named));
      const [first, second, third] = given;
      // Of a choice the other side is not looked at: it may be there because it has no value here.
      if (expression.of === "where") return once(given, (i) => (first.at(i) === 0 ? third.at(i) : second.at(i)));
      const of: (...values: readonly number[]) => number = functions[expression.of].of;
      return once(given, (i) => of(...given.map(({ at }) => at(i))));
    }
  }
}

function once(parts: readonly Part[], at: At): Part {
  if (!parts.every(({ isOne }) => isOne)) return { at, isOne: false };
  let made: number | undefined;
  const first: At = (i) => {
    made = at(i);
    return made;
  };
  return { at: (i) => made ?? first(i), isOne: true };
}
