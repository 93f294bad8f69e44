/**
 * What a choice passes over gets the gradient 0, whatever its slope is there: of where(a > 0, log a, 0) the other side is
 * nothing to the result at a = 0, and the chain rule's 0 · ∞ would be NaN. Only operators below a choice that meet what need
 * not be finite are asked, and only NaN is replaced: a 0 that meets a finite slope keeps its own derivative, for second ones.
 * What is left as it is: operators of other domains, sampling grids, recurrent layers, products of more than two.
 */
import type { OnnxGraph, OnnxNode } from "../ir.ts";
import { operatorNames } from "../operators.ts";
import type { Value } from "../rewrite/builder.ts";
import { usesOf } from "../rewrite/captures.ts";
import type { GradientBuilder } from "./gradient-builder.ts";
import type { Rule, RuleContext } from "./rule.ts";
import { keepReduced } from "./rules/reduce.ts";
import { isPositive } from "./signs.ts";

const choices = new Set<string>(operatorNames("Where Min Max"));

/** Their value or their slope may be infinite, or none, at a finite place. */
const steep = new Set<string>(
  operatorNames("Div Pow Sqrt Exp Log Reciprocal Acos Acosh Asin Atanh Tan Cosh Sinh ReduceL2 ReduceLogSum"),
);

/** Of these, those that are smooth above 0. */
const pole = new Set<string>(operatorNames("Sqrt Log Reciprocal"));

/** Their gradient is ȳ, moved, chosen from or summed, so that a 0 stays one. */
const linear = new Set<string>([
  ...choices,
  ...operatorNames("Add Sub Neg Sum Mean ReduceSum ReduceMean Identity Cast Reshape Flatten Squeeze Unsqueeze"),
  ...operatorNames("Transpose Slice Split Concat Expand Gather GatherElements GatherND Tile Pad CumSum"),
  ...operatorNames("AveragePool GlobalAveragePool MaxPool Resize DepthToSpace SpaceToDepth"),
]);

/** Their gradient is a sum of products of ȳ and the other of two operands. */
const products = new Set<string>(operatorNames("MatMul Gemm Conv ConvTranspose Einsum"));

/** Their gradient is ȳ times a number of each value, whatever is known of shapes. */
const slopes = new Set<string>([
  ...steep,
  ...operatorNames("Mul Abs Mod Sigmoid Tanh Erf Sin Cos Atan Asinh Softplus ReduceMax ReduceMin ReduceProd"),
  ...operatorNames("ReduceSumSquare ReduceLogSumExp"),
]);

const isOwn = ({ domain }: OnnxNode): boolean => domain === "";

/** By node, its rule where it is below a choice and its gradient may be 0 · ∞. */
export function passedOver(graph: OnnxGraph, { numbers }: GradientBuilder): (node: OnnxNode, rule: Rule) => Rule {
  const positive = isPositive(graph, numbers);
  const isSteep = ({ op, inputs: [x, y] }: OnnxNode): boolean => {
    if (op === "Div") return !(positive(y) || numbers(y)?.every((value) => value !== 0));
    if (op === "Pow") return !(positive(x) || numbers(y)?.every((value) => value >= 1 && Number.isInteger(value)));
    return steep.has(op) && !(pole.has(op) && positive(x));
  };
  const below = new Set<string>();
  for (const node of graph.nodes.toReversed())
    if ((isOwn(node) && choices.has(node.op)) || node.outputs.some((name) => below.has(name)))
      for (const name of usesOf(node)) below.add(name);
  const unsure = new Set<string>();
  const found = new Set<OnnxNode>();
  for (const node of graph.nodes) {
    if (!(isOwn(node) && isSteep(node)) && !usesOf(node).some((name) => unsure.has(name))) continue;
    for (const name of node.outputs) unsure.add(name);
    if (!(isOwn(node) && linear.has(node.op)) && node.outputs.some((name) => below.has(name))) found.add(node);
  }
  return (node, rule) => {
    if (!found.has(node)) return rule;
    return isOwn(node) && products.has(node.op) ? throughProduct(node, rule, unsure) : unlessPassedOver(node, rule);
  };
}

/** A gradient of the shape of ȳ, and 0 where it is NaN because nothing flows there. */
function unlessPassedOver(node: OnnxNode, rule: Rule): Rule {
  return (context) => {
    const { op, shape } = context;
    const dy = node.op.startsWith("Reduce") ? keepReduced(context, context.dy) : context.dy;
    const isEach = (gradient: Value): boolean =>
      slopes.has(node.op) || (shape(dy) !== undefined && shape(dy)?.join() === shape(gradient)?.join());
    return rule(context).map((gradient) =>
      gradient !== null && isEach(gradient)
        ? op.Where(op.And(op.Equal(dy, 0), op.IsNaN(gradient)), 0, gradient)
        : gradient,
    );
  };
}

/**
 * Of a product of two the sum that is the gradient is of what is finite alone, and NaN where something flows that met what is
 * not: the same product of where ȳ is not 0 and where the other is not finite tells that.
 */
function throughProduct(node: OnnxNode, rule: Rule, unsure: ReadonlySet<string>): Rule {
  const isOfTwo = node.op !== "Einsum" || node.inputs.length === 2;
  if (!isOfTwo || !node.inputs.slice(0, 2).some((name) => unsure.has(name))) return rule;
  return (context) => {
    const { op, x, dy, type } = context;
    const isSound = (value: Value): Value => op.Equal(op.Sub(value, value), 0);
    const marked = (condition: Value): Value => op.Cast(op.Not(condition), { to: type(dy) });
    const withOperands = (dy: Value, of: (value: Value) => Value): RuleContext => ({
      ...context,
      ...{ dy, dys: [dy], x: x.map((value, i) => (i < 2 ? of(value) : value)) },
    });
    const gradients = rule(
      withOperands(dy, (value) => (unsure.has(value) ? op.Where(isSound(value), value, 0) : value)),
    );
    const met = rule(withOperands(marked(op.Equal(dy, 0)), (value) => marked(isSound(value))));
    return gradients.map((gradient, i) => {
      const other = x[1 - i];
      if (gradient === null || other === undefined || !unsure.has(other)) return gradient;
      return op.Where(op.Equal(met[i]!, 0), gradient, Number.NaN);
    });
  };
}
