/** What costs a pass over a value and changes nothing. */
import { is } from "../rewrite/pattern.ts";
import { type Row, row } from "../rewrite/row.ts";
import { broadcast, sameDims } from "../shapes/size.ts";

/** x·1 = x, where 1 does not repeat x */
export const timesOne = row({
  pattern: is.Mul("x", "one"),
  when({ x, one }, { numbers, shape, constant }) {
    const [dims, ones] = [shape(x), shape(one)];
    if (!numbers(one)?.every((value) => value === 1) || constant(x) || !dims || !ones) return false;
    return sameDims(broadcast(dims, ones), dims);
  },
  becomes: (_, { x }) => x,
});

/** (z·a)·b = z·(a·b), where a·b is smaller than z: one pass over z instead of two. */
export const smallFactorsFirst = row({
  pattern: is.Mul(is.Mul("z", "a").as("inner"), "b"),
  when({ z, a, b, inner }, { shape, type, uses }) {
    const [dims, ofA, ofB] = [shape(z), shape(a), shape(b)];
    if (!dims || !ofA || !ofB || uses(inner) > 1 || type(z) !== "float32") return false;
    const small = broadcast(ofA, ofB);
    const isSmaller = dims.some((dim, axis) => dim !== 1 && (small.at(axis - dims.length) ?? 1) === 1);
    return small.length <= dims.length && isSmaller && sameDims(broadcast(small, dims), dims);
  },
  becomes: (op, { z, a, b }) => op.Mul(z, op.Mul(a, b)),
});

/** A Cast to the type that a value has already. PyTorch exports one for every `.type(x.dtype)`. */
export const sameType = row({
  pattern: is.Cast("x"),
  when: ({ x }, { knows, type, attrs }) => knows(x) && type(x) === attrs.to,
  becomes: (_, { x }) => x,
});

/** An operand need not be repeated when the other one has the full shape. */
export const repeatedOperand = (operator: "Add" | "Sub" | "Mul"): Row =>
  row({
    pattern: is[operator](is.Expand("a"), "b").as("y"),
    when: ({ b, y }, { shape }) => sameDims(shape(b), shape(y)),
    becomes: (op, { a, b }) => op[operator](a, b),
  });

export const repeatedSubtrahend = row({
  pattern: is.Sub("a", is.Expand("b")).as("y"),
  when: ({ a, y }, { shape }) => sameDims(shape(a), shape(y)),
  becomes: (op, { a, b }) => op.Sub(a, b),
});

/** A Reshape to the same shape is none. */
export const sameShape = row({
  pattern: is.Reshape("x").as("y"),
  when: ({ x, y }, { shape }) => sameDims(shape(x), shape(y)),
  becomes: (_, { x }) => x,
});

/** A Reshape of a Reshape is the second alone. A 0 in its target copies a dimension of what the first one made. */
export const reshapedTwice = row({
  pattern: is.Reshape(is.Reshape("x"), "target"),
  when: ({ target }, { constant, numbers }) => !!constant(target) && !numbers(target)?.includes(0),
  becomes: (op, { x, target }) => op.Reshape(x, target),
});
