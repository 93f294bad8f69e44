/**
 * SiLU, y = x·s with s = σ(x), backward: ȳ·(s + y·(1 − s)) in four passes instead of six (1.6 against 2.1 ms). With the
 * derivative as s·(1 + x·σ(−x)), whose second factor is one kernel and an addition, it takes as long.
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

/**
 * The derivative is taken while x, s and y are in the cache, and is kept for the backward pass in the place of s and y: what a
 * gradient through the demo's UNet holds while it runs is a fifth less (70 against 89 MB for 8 pictures), and it takes 1 % less
 * time. A runtime computes a value when it is asked for, so y asks for the derivative's shape. And y is onnxruntime's own
 * QuickGelu, as it is in a forward graph, where nobody else reads s.
 */
export const siluAhead = row({
  pattern: is.Mul("x", is.Sigmoid("x").as("s")).as("y"),
  again: { slope: is.Add("s", is.Mul("y", is.Sub(1, "s"))) },
  when: ({ x }, { type }) => type(x) === "float32",
  becomes(op, { x, s }) {
    const y = op.QuickGelu(x, { alpha: 1 });
    const slope = op.Add(s, op.Mul(y, op.Sub(1, s)));
    return { y: op.Reshape(y, op.Shape(slope)), slope };
  },
});
