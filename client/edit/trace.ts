/** Nodes at any depth of a document, and what feeds them, through the borders of the graphs that hold them. */
import {
  borderName,
  type Graph,
  type GraphNode,
  graphSlot,
  straightened,
  structures,
} from "../../graphs/document/index.ts";
import { nodeOf } from "./graph.ts";
import { graphAt, type Level } from "./level.ts";

export interface Spot {
  readonly level: Level;
  readonly node: GraphNode;
}

/** All nodes, those of the outer graph first. */
export function spotsIn(document: Graph, level: Level = []): Spot[] {
  const { nodes } = graphAt(document, level) ?? { nodes: [] };
  const here = nodes.map((node) => ({ level, node }));
  return [...here, ...nodes.flatMap(({ id, inner }) => (inner ? spotsIn(document, [...level, id]) : []))];
}

/** The node that a path names, such as "7/3". */
export function spotAt(document: Graph, path: string): Spot | undefined {
  const ids = path.split("/").map(Number);
  const level = ids.slice(0, -1);
  const graph = graphAt(document, level);
  const node = graph && nodeOf(graph, ids[ids.length - 1]);
  return node && { level, node };
}

/** What gives the value at an input, wherever it is; undefined where no wire leads from there. */
export function feederOf(document: Graph, { level, node }: Spot, input: string): Spot | undefined {
  const graph = graphAt(document, level);
  const link = graph && straightened(graph).find((one) => one.to === node.id && one.input === input);
  const from = link && nodeOf(graph, link.from);
  if (!from) return undefined;
  if (from.type === structures.input && level.length > 0) {
    const holder = spotAt(document, level.join("/"));
    return holder && feederOf(document, holder, borderName(from));
  }
  const end = from.inner?.nodes.find((one) => one.type === structures.output && borderName(one) === link.output);
  return end ? feederOf(document, { level: [...level, from.id], node: end }, graphSlot) : { level, node: from };
}

/** The nodes that take what a node gives, wherever they are. `output`: that one alone. */
export function readersOf(document: Graph, { level, node }: Spot, output?: string): Spot[] {
  const graph = graphAt(document, level);
  if (!graph) return [];
  const links = straightened(graph).filter((one) => one.from === node.id && (output ?? one.output) === one.output);
  return links.flatMap(({ to, input }): Spot[] => {
    const reader = nodeOf(graph, to);
    if (!reader) return [];
    const holder = level.length > 0 ? spotAt(document, level.join("/")) : undefined;
    if (reader.type === structures.output && holder) return readersOf(document, holder, borderName(reader));
    const start = reader.inner?.nodes.find((one) => one.type === structures.input && borderName(one) === input);
    return start ? readersOf(document, { level: [...level, to], node: start }) : [{ level, node: reader }];
  });
}
