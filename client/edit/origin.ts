/** Where a subgraph came from, whether it still is what it was, and whether the library still has what it was. */
import { contentHash, type Graph } from "../../graphs/document/index.ts";

const hashes = new WeakMap<Graph, string>();

/** contentHash, computed once a graph: graphs are never changed in place. */
export function hashOf(graph: Graph): string {
  const known = hashes.get(graph) ?? contentHash(graph);
  hashes.set(graph, known);
  return known;
}

/** What the server's list says of an entry of the library. */
export interface LibraryEntry {
  readonly name: string;
  readonly title?: string;
  readonly builtIn: boolean;
  readonly hash: string;
  readonly version?: number;
  readonly formerly?: readonly string[];
}

export interface Origin {
  /** As the entry is called today. */
  readonly name: string;
  /** The version that this is a copy of. */
  readonly version: number;
  /** Absent when the library has no such entry any more. */
  readonly entry?: LibraryEntry;
  /** It does something else than the version it is a copy of. */
  readonly edited: boolean;
  /** The library has something else by now than it is a copy of. */
  readonly outdated: boolean;
  /** It does something else than the library's entry now. */
  readonly differs: boolean;
}

/** Undefined for a graph that came from no library. */
export function originOf(graph: Graph | undefined, library: readonly LibraryEntry[]): Origin | undefined {
  const from = graph?.about.library;
  if (!graph || !from) return undefined;
  const entry =
    library.find(({ name }) => name === from.name) ?? library.find(({ formerly }) => formerly?.includes(from.name));
  const differs = entry !== undefined && entry.hash !== hashOf(graph);
  return {
    name: entry?.name ?? from.name,
    version: from.version,
    ...(entry && { entry }),
    edited: hashOf(graph) !== from.hash,
    outdated: differs && entry.hash !== from.hash,
    differs,
  };
}

/** "built in", "version 2", "edited", "version 2 of 3": where a copy stands to its entry. */
export function standing({ entry, version, edited, outdated, differs }: Origin): string {
  if (!entry) return edited ? "edited" : "from the library";
  if (!differs) return entry.builtIn ? "built in" : `version ${entry.version ?? 1}`;
  const latest = entry.version ?? 1;
  const age = latest > version ? `version ${version} of ${latest}` : "an older version";
  if (!outdated) return "edited";
  return edited ? `edited · ${age}` : age;
}

/** Still what the library gave. */
export const isUntouched = (graph: Graph | undefined): boolean =>
  graph?.about.library !== undefined && graph.about.library.hash === hashOf(graph);

export const withOrigin = (graph: Graph, library: NonNullable<Graph["about"]["library"]>): Graph => ({
  ...graph,
  about: { ...graph.about, library },
});
