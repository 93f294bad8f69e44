import type { OnnxGraph } from "../ir.ts";
import { innerGraphs } from "./captures.ts";

/**
 * `word/`, or `word2/` …: a prefix that no name of the graph has yet, nor one in its inner graphs, which would hide what is
 * called so outside. Gradients of gradient graphs are graphs too.
 */
export function freshPrefix(graph: OnnxGraph, word: string): string {
  const alike: string[] = [];
  eachName(graph, (name) => {
    if (name.startsWith(word)) alike.push(name);
  });
  for (let number = 1; ; number++) {
    const prefix = number === 1 ? `${word}/` : `${word}${number}/`;
    if (!alike.some((name) => name.startsWith(prefix))) return prefix;
  }
}

/** Of an inner graph, also the names that it takes from outside. Seen, not listed: every pass over a graph asks for a prefix. */
function eachName({ nodes, initializers, inputs, outputs }: OnnxGraph, see: (name: string) => void): void {
  for (const name of initializers.keys()) see(name);
  for (const { name } of inputs) see(name);
  for (const { name } of outputs) see(name);
  for (const node of nodes) {
    see(node.name);
    for (const name of node.inputs) see(name);
    for (const name of node.outputs) see(name);
    for (const inner of innerGraphs(node)) eachName(inner, see);
  }
}
