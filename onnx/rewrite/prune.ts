/** Drops what no output needs: nodes, then initializers. Inputs stay, they are the graph's signature. */
import { type AttributeValue, isGraph, type OnnxGraph, type OnnxNode } from "../ir.ts";

export function prune(graph: OnnxGraph): OnnxGraph {
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const nodes: OnnxNode[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    nodes.push(node);
    for (const name of usesOf(node)) needed.add(name);
  }
  const initializers = new Map([...graph.initializers].filter(([name]) => needed.has(name)));
  return { ...graph, nodes: nodes.reverse(), initializers };
}

/** Values that a node reads: its inputs, and what its subgraphs take from outside. */
export function usesOf({ inputs, attributes }: OnnxNode): readonly string[] {
  const graphs = Object.values(attributes).filter((value: AttributeValue) => isGraph(value));
  return [...inputs, ...graphs.flatMap(captured)].filter((name) => name !== "");
}

function captured(graph: OnnxGraph): readonly string[] {
  const own = new Set([
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.keys(),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ]);
  const uses = [...graph.nodes.flatMap(usesOf), ...graph.outputs.map(({ name }) => name)];
  return uses.filter((name) => !own.has(name));
}
