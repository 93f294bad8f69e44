import type { OnnxGraph } from "../ir.ts";
import { innerGraphs } from "./captures.ts";

/**
 * `word/`, or `word2/` …: a prefix that no name of the graph has yet, nor one in its inner graphs, which would hide what is
 * called so outside. Gradients of gradient graphs are graphs too.
 */
export function freshPrefix(graph: OnnxGraph, word: string): string {
  const names = namesIn(graph);
  for (let number = 1; ; number++) {
    const prefix = number === 1 ? `${word}/` : `${word}${number}/`;
    if (!names.some((name) => name.startsWith(prefix))) return prefix;
  }
}

/** Of an inner graph, also the names that it takes from outside. */
const namesIn = ({ nodes, initializers, inputs, outputs }: OnnxGraph): readonly string[] => [
  ...initializers.keys(),
  ...[...inputs, ...outputs].map(({ name }) => name),
  ...nodes.flatMap((node) => [node.name, ...node.inputs, ...node.outputs, ...innerGraphs(node).flatMap(namesIn)]),
];
