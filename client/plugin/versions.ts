/** The versions of definitions that a graph's nodes are written for, in `extra.guidegraph`, where graphs/document reads them. */
import { currentFormat, own } from "../../graphs/document/index.ts";
import type { HostGraph } from "./host.ts";

/** Of a node that is read from a file: the file's, 1 where it does not say. Undefined outside of a graph: a copy. */
export function writtenFor(graph: HostGraph | null, type: string): number | undefined {
  for (let at = graph; at; at = at._subgraph_node?.graph ?? null) {
    const version = own(at.extra?.guidegraph?.versions, type);
    if (version !== undefined) return version;
  }
  return graph ? 1 : undefined;
}

/** Says it in the graph, unless the graph says it already. */
export function stamp(graph: HostGraph, type: string, version: number): void {
  graph.extra ??= {};
  graph.extra.guidegraph ??= { format: currentFormat };
  const { guidegraph } = graph.extra;
  if (own(guidegraph.versions, type) === undefined) guidegraph.versions = { ...guidegraph.versions, [type]: version };
}
