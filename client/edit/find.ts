/** Nodes of a document, at any depth, by what a person remembers of them: title, kind, a parameter or its value. */
import { type Graph, type GraphNode, pathOf } from "../../graphs/document/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { titleOf } from "./level.ts";

export interface FoundNode {
  readonly path: string;
  readonly node: GraphNode;
  readonly title: string;
  /** Titles of the nodes that hold it, outermost first. */
  readonly within: readonly string[];
  /** The parameter that was found, as "seed 7". */
  readonly by?: string;
}

/** Those that match every word of the query; titles first, then kinds, then parameters. */
export function findNodes(document: Graph, catalogue: Catalogue, query: string): FoundNode[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = nodesIn(document, catalogue, "", []).flatMap((one) => {
    const rank = rankOf(one, catalogue, words);
    return rank === undefined ? [] : [{ ...rank, found: one }];
  });
  return found.sort((a, b) => a.rank - b.rank).map(({ found, by }) => (by === undefined ? found : { ...found, by }));
}

function nodesIn(graph: Graph, catalogue: Catalogue, outer: string, within: readonly string[]): FoundNode[] {
  return graph.nodes.flatMap((node) => {
    const [path, title] = [pathOf(outer, node.id), titleOf(node, catalogue)];
    const inner = node.inner ? nodesIn(node.inner, catalogue, path, [...within, title]) : [];
    return [{ path, node, title, within }, ...inner];
  });
}

function rankOf(
  { node, title }: FoundNode,
  { byType }: Catalogue,
  words: readonly string[],
): { readonly rank: number; readonly by?: string } | undefined {
  const has = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  if (has(title)) return { rank: title.toLowerCase().startsWith(words[0] ?? "") ? 0 : 1 };
  if (has(`${title} ${byType.get(node.type)?.title ?? ""} ${node.type}`)) return { rank: 2 };
  const values = Object.entries(node.properties).map(([name, value]) => `${name} ${String(value)}`.slice(0, 80));
  const by = values.find(has);
  return by === undefined ? undefined : { rank: 3, by };
}
