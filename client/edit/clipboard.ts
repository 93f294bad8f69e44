/** Nodes with the wires between them, as a document of their own: what is copied is a graph that any editor can read. */
import {
  type Graph,
  type GraphLink,
  type GraphNode,
  openDocument,
  writeDocument,
} from "../../graphs/document/index.ts";
import { onGrid } from "./arrange-marks.ts";
import { nextId, nextLinkId, type Point } from "./graph.ts";

export function copyNodes(graph: Graph, ids: ReadonlySet<number>): string {
  const inside = ({ from, to }: GraphLink) => ids.has(from) && ids.has(to);
  const part = {
    ...graph,
    nodes: graph.nodes.filter(({ id }) => ids.has(id)),
    links: graph.links.filter(inside),
    groups: [],
  };
  return JSON.stringify(writeDocument(part));
}

export interface Pasted {
  readonly graph: Graph;
  readonly ids: ReadonlySet<number>;
}

/** Throws a DocumentError when the text is no graph. `at`: where the middle of it goes; absent, 32 px beside the original. */
export const pasteText = (graph: Graph, text: string, at?: Point, keep?: readonly GraphLink[]): Pasted =>
  pasteGraph(graph, openDocument(text).document, at, keep);

/** `keep`: wires from outside that enter the originals enter the copies too. */
function pasteGraph(graph: Graph, part: Graph, at?: Point, keep: readonly GraphLink[] = []): Pasted {
  const [firstNode, firstLink] = [nextId(graph), nextLinkId(graph)];
  const idOf = new Map(part.nodes.map(({ id }, i) => [id, firstNode + i]));
  const [dx, dy] = at ? apart(middleOf(part.nodes), at) : [32, 32];
  const nodes = part.nodes.map((node) => ({
    ...node,
    id: idOf.get(node.id) as number,
    pos: [node.pos[0] + dx, node.pos[1] + dy] as const,
  }));
  const links = [...part.links, ...keep].map((link, i) => ({
    ...link,
    id: firstLink + i,
    from: idOf.get(link.from) ?? link.from,
    to: idOf.get(link.to) as number,
  }));
  const versions = { ...part.about.versions, ...graph.about.versions };
  return {
    graph: {
      ...graph,
      nodes: [...graph.nodes, ...nodes],
      links: [...graph.links, ...links],
      about: { ...graph.about, versions },
    },
    ids: new Set(idOf.values()),
  };
}

/** On the grid, so that what lay straight lies straight. */
const apart = (from: Point, to: Point): Point => [onGrid(to[0] - from[0]), onGrid(to[1] - from[1])];

function middleOf(nodes: readonly GraphNode[]): Point {
  const middle = (low: readonly number[], high: readonly number[]) => (Math.min(...low) + Math.max(...high)) / 2;
  const [xs, ys] = [nodes.map(({ pos: [x] }) => x), nodes.map(({ pos: [, y] }) => y)];
  const [ends, feet] = [
    nodes.map(({ pos: [x], size: [w] }) => x + w),
    nodes.map(({ pos: [, y], size: [, h] }) => y + h),
  ];
  return [middle(xs, ends), middle(ys, feet)];
}

/** Wires from elsewhere in the graph into nodes of it. */
export const entering = (graph: Graph, ids: ReadonlySet<number>): readonly GraphLink[] =>
  graph.links.filter(({ from, to }) => ids.has(to) && !ids.has(from));

/** Those of the wires whose beginnings are still there. */
export const stillThere = (links: readonly GraphLink[], { nodes }: Graph): readonly GraphLink[] =>
  links.filter(({ from, output }) =>
    nodes.some(({ id, outputs }) => id === from && outputs.some(({ name }) => name === output)),
  );

/** A copy beside the original that hangs on the same incoming wires. */
export function duplicateNodes(graph: Graph, ids: ReadonlySet<number>): Pasted {
  const inside = graph.links.filter(({ from, to }) => ids.has(to) && ids.has(from));
  const part = { ...graph, nodes: graph.nodes.filter(({ id }) => ids.has(id)), links: inside };
  return pasteGraph(graph, part, undefined, entering(graph, ids));
}
