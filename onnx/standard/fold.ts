/**
 * Shape arithmetic made constant. PyTorch exports every view as a chain of Shape, Gather, Mul and Concat; what inference
 * knows of it is written into the graph, with a batch size that is known only at run time left open as −1. A branch whose
 * condition is known takes the place of its If, tensors that of sequences.
 */
import type { Dim, OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from "../ir.ts";
import { renameUses } from "../rewrite/captures.ts";
import { freshPrefix } from "../rewrite/names.ts";
import { prune } from "../rewrite/prune.ts";
import { tensorOf } from "../shapes/facts.ts";
import { constantOf, Inference } from "../shapes/infer.ts";
import { isStatic } from "../shapes/size.ts";
import { inlineBranches } from "./branches.ts";
import { withoutSequences } from "./sequences.ts";

/** The same function of the same inputs in fewer operators. */
export function fold(model: OnnxModel): OnnxModel {
  const { graph } = withoutSequences(inlineBranches(model));
  return { ...model, graph: shareConstants(withoutIdentities(prune(withConstants(graph)))) };
}

/** What is known beforehand as initializers. */
function withConstants(graph: OnnxGraph): OnnxGraph {
  const inference = new Inference(graph);
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const initializers = new Map(graph.initializers);
  const target = shapeConstants(graph, initializers);
  const nodes: OnnxNode[] = [];
  for (const node of graph.nodes) {
    const made = node.outputs.filter((name) => name !== "");
    const known = made.map((name) => (outputs.has(name) ? undefined : knownValue(node, name, inference)));
    if (known.every((tensor) => tensor !== undefined))
      for (const [i, name] of made.entries()) initializers.set(name, known[i]);
    else nodes.push(node.op === "Reshape" ? withKnownTarget(node, inference, target) : node);
  }
  return { ...graph, nodes, initializers };
}

function knownValue(node: OnnxNode, value: string, inference: Inference): OnnxTensor | undefined {
  if (node.op === "Constant" && node.domain === "") return constantOf(node);
  const facts = inference.facts(value);
  if (!facts?.values || !isStatic(facts.dims) || !isStatic(facts.values)) return undefined;
  return tensorOf(facts.type, facts.dims, facts.values);
}

/** Names int64 lists among the initializers, equal ones alike. */
function shapeConstants(
  graph: OnnxGraph,
  initializers: Map<string, OnnxTensor>,
): (values: readonly number[]) => string {
  const prefix = freshPrefix(graph, "shape");
  return (values) => {
    const name = prefix + values.join("x");
    initializers.set(name, tensorOf("int64", [values.length], values)!);
    return name;
  };
}

/** A Reshape to a shape that is known up to one dimension. */
function withKnownTarget(
  node: OnnxNode,
  inference: Inference,
  target: (values: readonly number[]) => string,
): OnnxNode {
  const dims = inference.facts(node.outputs[0])?.dims;
  if (inference.constant(node.inputs[1]) || !dims || dims.includes(0)) return node;
  const isOpen = (dim: Dim): boolean => typeof dim !== "number";
  // With a dimension that inference only named, the runtime's target is not known to be right.
  if (dims.filter(isOpen).length > 1) return node;
  const { allowzero: _, ...attributes } = node.attributes;
  return {
    ...node,
    inputs: [node.inputs[0], target(dims.map((dim) => (typeof dim === "number" ? dim : -1)))],
    attributes,
  };
}

/**
 * Drops Identity nodes that do not name an output of the graph, and Dropout, which does nothing in inference; in training its
 * mask gets a name, since that of another call would be another mask.
 */
function withoutIdentities(graph: OnnxGraph): OnnxGraph {
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const masks = freshPrefix(graph, "mask");
  const source = new Map<string, string>();
  const renamed = (name: string): string => source.get(name) ?? name;
  const nodes: OnnxNode[] = [];
  for (const node of graph.nodes) {
    const [y, mask] = node.outputs;
    const training = node.op === "Dropout" && ((node.inputs[2] ?? "") !== "" || mask);
    const passes = node.domain === "" && (node.op === "Identity" || (node.op === "Dropout" && !training));
    if (passes && !outputs.has(y)) source.set(y, renamed(node.inputs[0]));
    else nodes.push(renameUses(training && !mask ? { ...node, outputs: [y, `${masks}${y}`] } : node, renamed));
  }
  return prune({ ...graph, nodes });
}

/** Equal small constants, and large ones that are the same bytes, are stored once. */
function shareConstants(graph: OnnxGraph): OnnxGraph {
  const smallBytes = 4096;
  const byContent = new Map<string, string>();
  const byData = new Map<OnnxTensor["data"], Map<string, string>>();
  const twins = new Map<string, string>();
  for (const [name, { type, dims, data }] of graph.initializers) {
    const shape = `${type} ${dims}`;
    const isSmall = data instanceof Uint8Array && data.byteLength <= smallBytes;
    const table = isSmall ? byContent : (byData.get(data) ?? byData.set(data, new Map()).get(data)!);
    const key = isSmall ? `${shape} ${data}` : shape;
    const twin = table.get(key);
    if (twin === undefined) table.set(key, name);
    else twins.set(name, twin);
  }
  const outputs = graph.outputs.map(({ name }) => name);
  if (twins.size === 0 || outputs.some((name) => twins.has(name))) return graph;
  const renamed = (name: string): string => twins.get(name) ?? name;
  return prune({ ...graph, nodes: graph.nodes.map((node) => renameUses(node, renamed)) });
}
