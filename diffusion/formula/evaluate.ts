/** A formula computed value by value, in double precision, each result rounded once. */
import type { Numbers } from "../numbers.ts";
import { sizeOf, type Tensor } from "../tensor.ts";
import { functions, operators } from "./functions.ts";
import type { Expression } from "./parse.ts";

/** The formula of numbers. */
export function evaluateNumber(expression: Expression, values: Readonly<Record<string, number>>): number {
  return compiled(expression, (name) => () => values[name])(0);
}

/**
 * The formula of tensors, and numbers, which go with any: along each axis they are as long as the longest, or 1 long, and then
 * that one value serves all. Numbers alone make 1×1×1×1. Throws a RangeError for shapes that do not go together, and where a
 * result is no finite number.
 */
export function evaluate(expression: Expression, values: Readonly<Record<string, Numbers>>): Tensor {
  const tensors = Object.values(values).filter((value): value is Tensor => typeof value !== "number");
  const dims = broadcast(tensors.map(({ dims }) => dims));
  const at = compiled(expression, (name) => reader(values[name], dims));
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

function compiled(expression: Expression, named: (name: string) => At): At {
  switch (expression.is) {
    case "number":
      return () => expression.value;
    case "name":
      return named(expression.name);
    case "both": {
      const [a, b] = [compiled(expression.a, named), compiled(expression.b, named)];
      const operator: (a: number, b: number) => number = operators[expression.by];
      return (i) => operator(a(i), b(i));
    }
    case "call": {
      const given = expression.given.map((one) => compiled(one, named));
      // Of a choice the other side is not looked at: it may be there because it has no value here.
      if (expression.of === "where") return (i) => (given[0](i) === 0 ? given[2](i) : given[1](i));
      const of: (...values: readonly number[]) => number = functions[expression.of].of;
      return (i) => of(...given.map((value) => value(i)));
    }
  }
}
