/** Gradients of operators that move, cut and join values. */
import { normalAxis } from "../../shapes/rules/shape.ts";
import type { Rule } from "../rule.ts";

export const shape = {
  // y is x in another shape: so is the gradient
  Reshape: ({ dy, x: [x], reshapeLike }) => [reshapeLike(dy, x), null],

  // y is the inputs side by side: each gets its slice back
  Concat: ({ op, dy, x, attrs, shapeOf, rank }) => {
    if (x.length === 1) return [dy];
    const axis = normalAxis(Number(attrs.axis), rank(dy));
    const lengths = x.map((value) => op.Slice(shapeOf(value), op.int64([axis]), op.int64([axis + 1])));
    return op.add("Split", [dy, op.Concat(...lengths, { axis: 0 })], { axis }, x.length);
  },
} satisfies Record<string, Rule>;
