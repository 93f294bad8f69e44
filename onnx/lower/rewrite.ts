/**
 * One pass over a graph that puts faster forms in the place of slower ones. A lowering looks at one node and what leads
 * to it; a form that it replaces may still be used elsewhere, so it takes nothing away: it says which values have a new
 * source, and what nobody needs any more is dropped afterwards.
 */

import type { DataType, Dim, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from "../ir.ts";
import { type GraphBuilder, graphBuilder, type Value } from "../rewrite/builder.ts";
import { renameUses, usesOf } from "../rewrite/captures.ts";
import { freshPrefix } from "../rewrite/names.ts";
import { prune } from "../rewrite/prune.ts";
import { Inference } from "../shapes/index.ts";

export interface View {
  /** Adds operators in front of the node that is looked at. */
  readonly op: GraphBuilder;
  readonly opset: number;
  /** The node that makes a value, if it is of the given operator. */
  made(by: string, value: Value | undefined): OnnxNode | undefined;
  /** Nodes of the graph before this pass that read a value. */
  users(value: Value): readonly OnnxNode[];
  /** Whether a value's type is known for certain. */
  knows(value: Value): boolean;
  shape(value: Value): readonly Dim[] | undefined;
  type(value: Value): DataType;
  constant(value: Value): OnnxTensor | undefined;
  /** Elements of a small constant. */
  numbers(value: Value): readonly number[] | undefined;
  /** A float32 constant of ones, or zeros. */
  filled(count: number, value: 0 | 1): Value;
}

/** New sources of values, by their old names; undefined leaves the node as it is. */
export type Lowering = (node: OnnxNode, view: View) => Readonly<Record<Value, Value>> | undefined;

/** Applies each lowering to the nodes of its operator, in one pass. */
export function rewrite(model: OnnxModel, lowerings: Readonly<Record<string, Lowering>>): OnnxModel {
  const { graph } = model;
  const opset = model.opsets.get("") ?? 18;
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const op = graphBuilder(freshPrefix(graph, "lower"));
  const nodes: OnnxNode[] = [];
  const producers = new Map<Value, OnnxNode>();
  const source = new Map<Value, Value>();
  const renamed = (name: Value): Value => source.get(name) ?? name;
  const inference = new Inference(graph);
  const view = viewOf(graph, op, opset, producers, inference);
  let constantsSeen = 0;

  const push = (node: OnnxNode): void => {
    nodes.push(node);
    for (const name of node.outputs) if (name !== "") producers.set(name, node);
  };
  for (const original of graph.nodes) {
    const node = renameUses(original, renamed);
    const [y, ...others] = node.outputs;
    const isOutput = node.outputs.some((name) => outputs.has(name));
    const sources = isOutput && others.length > 0 ? undefined : lowerings[node.op]?.(node, view);
    for (const [name, tensor] of [...op.initializers].slice(constantsSeen)) inference.addConstant(name, tensor);
    constantsSeen = op.initializers.size;
    for (const added of op.nodes.splice(0)) {
      inference.addNode(added);
      push(added);
    }
    // A graph's output keeps its name, so a new form is passed on to it.
    if (sources && isOutput) push({ ...node, op: "Identity", domain: "", inputs: [sources[y]], attributes: {} });
    else push(node);
    for (const [from, to] of Object.entries(sources ?? {})) if (!outputs.has(from)) source.set(from, to);
  }
  const initializers = new Map([...graph.initializers, ...op.initializers]);
  return withDomains({ ...model, graph: prune({ ...graph, nodes, initializers }) });
}

function viewOf(
  graph: OnnxGraph,
  op: GraphBuilder,
  opset: number,
  producers: Map<Value, OnnxNode>,
  inference: Inference,
): View {
  const users = new Map<Value, OnnxNode[]>();
  for (const node of graph.nodes) for (const name of usesOf(node)) users.set(name, [...(users.get(name) ?? []), node]);
  const fillings = new Map<string, Value>();
  return {
    op,
    opset,
    made: (by, value) => {
      const node = value === undefined ? undefined : producers.get(value);
      return node?.op === by && (node.domain === "" || node.domain === "com.microsoft") ? node : undefined;
    },
    users: (value) => users.get(value) ?? [],
    knows: (value) => inference.isCertain(value),
    shape: (value) => inference.facts(value)?.dims,
    type: (value) => inference.facts(value)?.type ?? "float32",
    constant: (value) => inference.constant(value) ?? op.initializers.get(value),
    numbers: (value) => {
      const values = inference.facts(value)?.values;
      return values?.every((element) => typeof element === "number") ? (values as number[]) : undefined;
    },
    filled: (count, value) => {
      const key = `${count}×${value}`;
      const known = fillings.get(key) ?? op.float(Array.from({ length: count }, () => value));
      fillings.set(key, known);
      return known;
    },
  };
}

/** Operators of onnxruntime's own need its domain among the opsets. */
function withDomains(model: OnnxModel): OnnxModel {
  const opsets = new Map(model.opsets);
  for (const { domain } of model.graph.nodes) if (!opsets.has(domain)) opsets.set(domain, 1);
  return { ...model, opsets };
}

/** Both orders of a commutative operator's operands. */
export const orders = ([a, b]: readonly Value[]): readonly (readonly [Value, Value])[] => [
  [a, b],
  [b, a],
];

/** Whether a Transpose swaps the last two axes and nothing else. */
export function swapsLastTwo(node: OnnxNode | undefined): boolean {
  const perm = node?.op === "Transpose" ? (node.attributes.perm as readonly number[] | undefined) : undefined;
  if (!perm || perm.length < 2) return false;
  const last = perm.length - 1;
  return perm.every((axis, i) => axis === (i === last ? last - 1 : i === last - 1 ? last : i));
}
