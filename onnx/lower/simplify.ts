/** What costs a pass over a value and changes nothing. */

import type { OnnxNode } from "../ir.ts";
import type { Value } from "../rewrite/builder.ts";
import { broadcast, sameDims } from "../shapes/size.ts";
import { type Lowering, orders, type View } from "./rewrite.ts";

/** x·1 and 1·x, where 1 does not repeat x. */
export const timesOne: Lowering = (node, view) => {
  for (const [x, one] of orders(node.inputs)) {
    const numbers = view.numbers(one);
    const [dims, ones] = [view.shape(x), view.shape(one)];
    if (!numbers?.length || !numbers.every((value) => value === 1) || !dims || !ones) continue;
    if (view.constant(x) === undefined && sameDims(broadcast(dims, ones), dims)) return { [node.outputs[0]]: x };
  }
  return undefined;
};

/** A Cast to the type that a value has already. PyTorch exports one for every `.type(x.dtype)`. */
export const sameType: Lowering = (node, view) =>
  view.knows(node.inputs[0]) && view.type(node.inputs[0]) === node.attributes.to
    ? { [node.outputs[0]]: node.inputs[0] }
    : undefined;

/** An operand need not be repeated when the other one has the full shape. */
export const withoutExpand: Lowering = (node, view) => {
  const y = view.shape(node.outputs[0]);
  for (const [index, input] of node.inputs.entries()) {
    const small = view.made("Expand", input)?.inputs[0];
    const others = node.inputs.filter((_, i) => i !== index).map((other) => view.shape(other));
    if (small === undefined || !y || !others.some((dims) => sameDims(dims, y))) continue;
    const inputs = node.inputs.with(index, small);
    return { [node.outputs[0]]: view.op.node(node.op, inputs, node.attributes, 1, node.domain)[0] };
  }
  return undefined;
};

/** A Reshape of a Reshape is the second alone; one to the same shape is none. */
export const reshapes: Lowering = (node, view) => {
  const [x, target] = node.inputs;
  if (sameDims(view.shape(x), view.shape(node.outputs[0]))) return { [node.outputs[0]]: x };
  const inner = view.made("Reshape", x);
  // A 0 in the target copies a dimension of what the inner one made.
  if (!inner || !view.constant(target) || view.numbers(target)?.includes(0)) return undefined;
  const outer: Value = view.op.Reshape(inner.inputs[0], target);
  return { [node.outputs[0]]: outer };
};

/** The first of several lowerings of an operator that applies. */
export const first =
  (...lowerings: readonly Lowering[]): Lowering =>
  (node: OnnxNode, view: View) => {
    for (const lowering of lowerings) {
      const result = lowering(node, view);
      if (result) return result;
    }
    return undefined;
  };
