/**
 * Names across the border of an inner graph (a branch of an If, the body of a Scan): it may use any value outside, and
 * hides those whose names it defines itself.
 */
import { type AttributeValue, isGraph, type OnnxGraph, type OnnxNode } from "../ir.ts";

export const innerGraphs = ({ attributes }: OnnxNode): readonly OnnxGraph[] =>
  Object.values(attributes).filter((value: AttributeValue) => isGraph(value));

/** Values that a node reads: its inputs, and what its inner graphs take from outside. */
export function usesOf(node: OnnxNode): readonly string[] {
  const inner = innerGraphs(node);
  if (inner.length === 0 && !node.inputs.includes("")) return node.inputs;
  return [...node.inputs, ...inner.flatMap(captured)].filter((name) => name !== "");
}

/** A node that reads other values, in its inner graphs too; itself, where none of them has another name. */
export function renameUses(node: OnnxNode, renamed: (name: string) => string): OnnxNode {
  const inner = (graph: OnnxGraph): OnnxGraph => renameCaptured(graph, renamed);
  const changed = withInnerGraphs(node, inner);
  const inputs = node.inputs.map(renamed);
  return inputs.every((name, i) => name === node.inputs[i]) ? changed : { ...changed, inputs };
}

/** A node that reads and makes other values. */
export const renameValues = (node: OnnxNode, renamed: (name: string) => string): OnnxNode => ({
  ...renameUses(node, renamed),
  outputs: node.outputs.map(renamed),
});

/** A node with its inner graphs changed; most have none. */
export function withInnerGraphs(node: OnnxNode, change: (graph: OnnxGraph) => OnnxGraph): OnnxNode {
  const entries = Object.entries(node.attributes);
  if (!entries.some(([, value]) => isGraph(value))) return node;
  const changed = entries.map(([key, value]) => [key, isGraph(value) ? change(value) : value]);
  return { ...node, attributes: Object.fromEntries(changed) };
}

function captured(graph: OnnxGraph): readonly string[] {
  const own = definedIn(graph);
  const uses = [...graph.nodes.flatMap(usesOf), ...graph.outputs.map(({ name }) => name)];
  return uses.filter((name) => !own.has(name));
}

function renameCaptured(graph: OnnxGraph, renamed: (name: string) => string): OnnxGraph {
  const own = definedIn(graph);
  const outer = (name: string): string => (own.has(name) ? name : renamed(name));
  return {
    ...graph,
    nodes: graph.nodes.map((node) => renameUses(node, outer)),
    outputs: graph.outputs.map((output) => ({ ...output, name: outer(output.name) })),
  };
}

const definedIn = ({ inputs, initializers, nodes }: OnnxGraph): ReadonlySet<string> =>
  new Set([...inputs.map(({ name }) => name), ...initializers.keys(), ...nodes.flatMap(({ outputs }) => outputs)]);
