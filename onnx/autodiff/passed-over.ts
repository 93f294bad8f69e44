/**
 * What a choice passes over gets the gradient 0, whatever its slope is there: of where(a > 0, log a, 0) the other side is
 * nothing to the result at a = 0, and the chain rule's 0 · ∞ would be NaN. Only operators below a choice that meet what need
 * not be finite are asked, and only NaN is replaced: a 0 that meets a finite slope keeps its own derivative, for second ones.
 */
import type { OnnxGraph, OnnxNode } from "../ir.ts";
import { operatorNames } from "../operators.ts";
import type { Value } from "../rewrite/builder.ts";
import { usesOf } from "../rewrite/captures.ts";
import type { GradientBuilder } from "./gradient-builder.ts";
import type { RuleContext } from "./rule.ts";
import { keepReduced } from "./rules/reduce.ts";

const choices = new Set<string>(operatorNames("Where Min Max"));

/** Their value or their slope may be infinite, or none, at a finite place. */
const steep = new Set<string>(
  operatorNames("Div Pow Sqrt Exp Log Reciprocal Acos Acosh Asin Atanh Tan Cosh Sinh ReduceL2 ReduceLogSum"),
);

/** Their gradient is ȳ times a number of each value, so that where ȳ is 0 it is 0. */
const slopes = new Set<string>([
  ...steep,
  ...operatorNames("Mul Abs Mod Sigmoid Tanh Erf Sin Cos Atan Asinh Softplus ReduceMax ReduceMin ReduceProd"),
  ...operatorNames("ReduceSumSquare ReduceLogSumExp"),
]);

/** What they are given they hand on, infinite or not; products of matrices and what is normalised by a batch do not. */
const carriers = new Set<string>([
  ...slopes,
  ...choices,
  ...operatorNames(
    "Add Sub Neg Sum Mean ReduceSum ReduceMean Identity Cast Reshape Flatten Squeeze Unsqueeze Transpose",
  ),
  ...operatorNames("Slice Split Concat Expand Gather Tile Pad"),
]);

const isOwn = ({ domain }: OnnxNode): boolean => domain === "";

/** The nodes below a choice whose gradient may be 0 · ∞. */
export function passedOver(graph: OnnxGraph, { numbers }: GradientBuilder): ReadonlySet<OnnxNode> {
  const isSteep = ({ op, inputs }: OnnxNode): boolean => {
    const by = numbers(inputs[1]);
    if (op === "Div") return !by?.every((value) => value !== 0);
    if (op === "Pow") return !by?.every((value) => value >= 1 && Number.isInteger(value));
    return steep.has(op);
  };
  const below = new Set<string>();
  for (const node of graph.nodes.toReversed())
    if ((isOwn(node) && choices.has(node.op)) || node.outputs.some((name) => below.has(name)))
      for (const name of usesOf(node)) below.add(name);
  const unsure = new Set<string>();
  const found = new Set<OnnxNode>();
  for (const node of graph.nodes) {
    if (!isOwn(node) || !carriers.has(node.op)) continue;
    if (!isSteep(node) && !node.inputs.some((name) => unsure.has(name))) continue;
    for (const name of node.outputs) unsure.add(name);
    if (slopes.has(node.op) && node.outputs.some((name) => below.has(name))) found.add(node);
  }
  return found;
}

/** The gradient of such a node, and 0 where it is NaN because nothing flows there. */
export function unlessPassedOver(node: OnnxNode, context: RuleContext, gradient: Value): Value {
  const { op } = context;
  const dy = node.op.startsWith("Reduce") ? keepReduced(context, context.dy) : context.dy;
  return op.Where(op.And(op.Equal(dy, 0), op.IsNaN(gradient)), 0, gradient);
}
