/**
 * Reverse-mode differentiation of an ONNX graph (Griewank & Walther, "Evaluating Derivatives", ch. 3): one walk
 * backwards over the nodes between the wanted input and the output, with a rule per operator.
 */
import type { OnnxGraph, OnnxModel, OnnxNode } from "../ir.ts";
import { entryFor, operatorNames } from "../operators.ts";
import type { Value } from "../rewrite/builder.ts";
import { renameValues, usesOf } from "../rewrite/captures.ts";
import { isFloat } from "../rewrite/float-types.ts";
import { freshPrefix } from "../rewrite/names.ts";
import { prune } from "../rewrite/prune.ts";
import type { StandardModel } from "../standard/standard.ts";
import { GradientError } from "./error.ts";
import { GradientBuilder } from "./gradient-builder.ts";
import { passedOver } from "./passed-over.ts";
import type { Rule } from "./rule.ts";
import { noGradient, rules } from "./rules/index.ts";
import { unbroadcast, zerosLike } from "./shaping.ts";

export interface GradientOptions {
  /** The output, or any value, that is differentiated. */
  readonly of: string;
  /** The graph input with respect to which. */
  readonly wrt: string;
}

/** d_<of> → d_<wrt>, beside the inputs of the model. */
export const vectorJacobianProduct = (model: StandardModel, { of, wrt }: GradientOptions): OnnxModel =>
  differentiate(model, { of, wrt, output: `d_${wrt}` }, ({ op, type, shape }, y) =>
    op.input(`d_${of}`, type(y), shape(y)),
  );

interface Differentiation extends GradientOptions {
  /** What the gradient is called. */
  readonly output: string;
  /** Whether the model's own outputs stay beside it. */
  readonly beside?: boolean;
}

/** The gradient graph with a cotangent of the caller's making: an input, or computed from the forward values. */
export function differentiate(
  model: StandardModel,
  { of, wrt, output, beside = false }: Differentiation,
  cotangentOf: (builder: GradientBuilder, of: Value) => Value,
): OnnxModel {
  const opset = model.opsets.get("")!;
  checkEnds(model.graph, of, wrt);
  // Gradients of gradient graphs: an inner value may bear the name of the new output.
  const { graph, renamed } = withoutName(model.graph, output);
  const builder = new GradientBuilder(graph);
  const cotangent = cotangentOf(builder, renamed(of));
  const gradient = walk(graph, { of: renamed(of), wrt, cotangent, builder, opset });
  builder.op.output(output, gradient ?? zerosLike(builder, wrt), builder.type(wrt), builder.shape(wrt));
  const outputs = [...(beside ? graph.outputs : []), ...builder.op.outputs];
  const extended = { ...builder.graph(outputs), name: `gradient of ${graph.name}` };
  return { ...model, graph: prune(extended) };
}

interface Walk extends GradientOptions {
  readonly cotangent: Value;
  readonly builder: GradientBuilder;
  readonly opset: number;
}

/** The gradient of `wrt`; undefined where only paths without derivative (comparisons, rounding) lead to it. */
export function walk(graph: OnnxGraph, { of, wrt, cotangent, builder, opset }: Walk): Value | undefined {
  const active = activeValues(graph, wrt, builder);
  const belowChoices = passedOver(graph, builder);
  const contributions = new Map<string, Value[]>([[of, [cotangent]]]);
  const sum = (value: string): Value | null =>
    contributions.get(value)?.reduce((total, term) => builder.op.Add(total, term)) ?? null;

  for (const node of graph.nodes.toReversed()) {
    const outputs = node.outputs.map((name) => (active.has(name) ? name : ""));
    if (!outputs.some((name) => contributions.has(name))) continue;
    const wants = node.inputs.map((input) => active.has(input));
    const rule = entryFor(rules, node) as Rule | undefined;
    if (!rule) throw new GradientError(node.op, node.name, "no gradient rule");
    builder.op.within(`${node.name}.gradient`, () => {
      const context = builder.context(node, outputs.map(sum), wants, opset);
      const gradients = belowChoices(node, rule)(context);
      node.inputs.forEach((input, index) => {
        if (!wants[index]) return;
        const gradient = gradients[index];
        if (gradient == null) throw new GradientError(node.op, node.name, `no gradient rule for its input ${index}`);
        const list = contributions.get(input) ?? [];
        contributions.set(input, [...list, unbroadcast(builder, gradient, input)]);
      });
    });
  }
  return active.has(of) ? (sum(wrt) ?? undefined) : undefined;
}

/**
 * Values through which a change of `wrt` flows: floats that depend on it by operators with a derivative. What an operator
 * without a shape rule makes may be floats too, whatever it makes them of.
 */
export function activeValues(graph: OnnxGraph, wrt: string, builder: GradientBuilder): ReadonlySet<string> {
  const active = new Set([wrt]);
  for (const node of graph.nodes) {
    if (noGradient.has(node.op) || isFlat(node, builder) || !usesOf(node).some((name) => active.has(name))) continue;
    for (const name of node.outputs)
      if (name !== "" && (isFloat(builder.type(name)) || !builder.knows(name) || carriesQuantised(node, active)))
        active.add(name);
  }
  return active;
}

const moving = new Set<string>(
  operatorNames("Concat Flatten Gather Identity Reshape Slice Squeeze Transpose Unsqueeze"),
);

/** Whole numbers that stand for rounded floats have a gradient like those, as far as they are only moved. */
const carriesQuantised = ({ op, domain, inputs }: OnnxNode, active: ReadonlySet<string>): boolean =>
  domain === "" && (op === "QuantizeLinear" || (moving.has(op) && active.has(inputs[0])));

/** A softmax along an axis of length 1 is 1, whatever it is of. */
function isFlat({ op, domain, inputs, attributes: { axis = -1 } }: OnnxNode, { shape }: GradientBuilder): boolean {
  if (domain !== "" || (op !== "Softmax" && op !== "LogSoftmax")) return false;
  return shape(inputs[0])?.at(Number(axis)) === 1;
}

function checkEnds(graph: OnnxGraph, of: string, wrt: string): void {
  const inputs = graph.inputs.map(({ name }) => name);
  if (!inputs.includes(wrt))
    throw new RangeError(`Cannot differentiate with respect to "${wrt}": the graph's inputs are ${inputs.join(", ")}`);
  const depends = new Set([wrt]);
  for (const node of graph.nodes)
    if (usesOf(node).some((name) => depends.has(name))) for (const name of node.outputs) depends.add(name);
  const outputs = graph.outputs.map(({ name }) => name).join(", ");
  if (of !== wrt && !graph.nodes.some(({ outputs }) => outputs.includes(of)))
    throw new RangeError(`Cannot differentiate "${of}": the graph has no such value; its outputs are ${outputs}`);
  if (!depends.has(of))
    throw new RangeError(`Cannot differentiate "${of}" with respect to "${wrt}": it does not depend on it`);
}

interface Renaming {
  readonly graph: OnnxGraph;
  readonly renamed: (value: string) => string;
}

/** Gives an inner value of that name another one. */
function withoutName(graph: OnnxGraph, name: string): Renaming {
  if (!graph.nodes.some(({ outputs }) => outputs.includes(name))) return { graph, renamed: (value) => value };
  const prefix = freshPrefix(graph, "forward");
  const renamed = (value: string): string => (value === name ? prefix + name : value);
  const nodes = graph.nodes.map((node) => renameValues(node, renamed));
  const outputs = graph.outputs.map((output) => ({ ...output, name: renamed(output.name) }));
  return { graph: { ...graph, nodes, outputs }, renamed };
}
