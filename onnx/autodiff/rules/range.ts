/** Gradient of Range over floats; one over integers carries none. */
import type { Value } from "../../rewrite/builder.ts";
import type { Rules } from "../rule.ts";
import { lengthOf, range } from "./shape.ts";

export const ranges = {
  // yᵢ = s + i·δ     s̄ = Σ ȳᵢ      δ̄ = Σ i·ȳᵢ      and the limit decides on the length alone
  Range: (c) => {
    const { op, dy, wants, type, reshapeLike, zerosLike } = c;
    const [start, limit, delta] = c.x;
    const total = (terms: Value): Value => op.ReduceSum(terms, null, { keepdims: 0 });
    const index = wants[2] && op.Cast(range(c, lengthOf(c, dy, 0)), { to: type(dy) });
    return [
      reshapeLike(total(dy), start),
      wants[1] ? zerosLike(limit) : null,
      index ? reshapeLike(total(op.Mul(dy, index)), delta) : null,
    ];
  },
} satisfies Rules;
