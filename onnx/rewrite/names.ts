import type { OnnxGraph } from "../ir.ts";

/** `word/`, or `word2/` …: a prefix that no value of the graph has yet. Gradients of gradient graphs are graphs too. */
export function freshPrefix({ nodes, initializers, inputs }: OnnxGraph, word: string): string {
  const names = [
    ...initializers.keys(),
    ...inputs.map(({ name }) => name),
    ...nodes.flatMap(({ name, outputs }) => [name, ...outputs]),
  ];
  for (let number = 1; ; number++) {
    const prefix = number === 1 ? `${word}/` : `${word}${number}/`;
    if (!names.some((name) => name.startsWith(prefix))) return prefix;
  }
}
