/** Where a subgraph came from, and whether it still is what it was. */
import { contentHash, type Graph } from "../../graphs/document/index.ts";

const hashes = new WeakMap<Graph, string>();

/** contentHash, computed once a graph: graphs are never changed in place. */
export function hashOf(graph: Graph): string {
  const known = hashes.get(graph) ?? contentHash(graph);
  hashes.set(graph, known);
  return known;
}

/** "guided-ddim · from the library", "guided-ddim · edited"; undefined for a graph that came from no library. */
export function originOf(graph: Graph | undefined): string | undefined {
  const library = graph?.about.library;
  if (!graph || !library) return undefined;
  return `${library.name} · ${hashOf(graph) === library.hash ? "from the library" : "edited"}`;
}
