/** Drops what no output needs: nodes, then initializers. Inputs stay, they are the graph's signature. */
import type { OnnxGraph, OnnxNode } from "../ir.ts";
import { usesOf } from "./captures.ts";

/** Of a graph whose inputs are its maker's to choose: those that something reads. */
export function withoutUnusedInputs(graph: OnnxGraph): OnnxGraph {
  const used = new Set([...graph.nodes.flatMap(usesOf), ...graph.outputs.map(({ name }) => name)]);
  return { ...graph, inputs: graph.inputs.filter(({ name }) => used.has(name)) };
}

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
