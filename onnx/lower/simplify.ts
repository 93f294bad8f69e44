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
