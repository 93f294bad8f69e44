/**
 * SiLU, y = x·s with s = σ(x), backward: ȳ·(s + y·(1 − s)) in four passes instead of six (1.6 against 2.1 ms). With the
 * derivative as s·(1 + x·σ(−x)), whose second factor is one kernel and an addition, it takes as long. Computed with
 * y already, and kept in the place of s and y, the derivative would spare a fifth of what is held; but a runtime orders nodes itself,
 * and what makes y wait for it, a Shape of it, is folded away where sizes are known.
 */
import { is } from "../rewrite/pattern.ts";
import { row } from "../rewrite/row.ts";

/** ȳ·s + ȳ·x·s·(1 − s), the sum of the rules of Mul and Sigmoid */
export const siluBackward = row({
  pattern: is.Add(is.Mul("dy", is.Sigmoid("x").as("s")), is.Mul(is.Mul("dy", "x"), is.Mul("s", is.Sub(1, "s")))),
  beside: { y: is.Mul("x", "s") },
  when: ({ x }, { type }) => type(x) === "float32",
  becomes: (op, { dy, s, y }) => op.Mul(dy, op.Add(s, op.Mul(y, op.Sub(1, s)))),
});
