/** From node to node along the wires, as the arrow keys point. */
import type { Graph, GraphNode } from "../../graphs/document/index.ts";
import { nodeOf } from "./graph.ts";

export type Direction = "left" | "right" | "up" | "down";

/**
 * Left to what feeds a node, right to what reads it; up and down to what stands beside it: nodes with the same feeder or
 * reader. Of several the nearest; undefined at an end.
 */
export function walk(graph: Graph, id: number, direction: Direction): number | undefined {
  const here = nodeOf(graph, id);
  if (!here) return undefined;
  const [feeders, readers] = [feedersOf(graph, id), readersOf(graph, id)];
  if (direction === "left") return nearest(here, nodesOf(graph, feeders));
  if (direction === "right") return nearest(here, nodesOf(graph, readers));
  const beside = [
    ...feeders.flatMap((one) => readersOf(graph, one)),
    ...readers.flatMap((one) => feedersOf(graph, one)),
  ];
  const isThere = ({ id: other, pos: [, y] }: GraphNode) =>
    other !== id && (direction === "up" ? y < here.pos[1] : y > here.pos[1]);
  return nearest(here, nodesOf(graph, beside).filter(isThere));
}

/** Where a walk begins when nothing is selected: furthest to the left, then furthest up. */
export const firstOf = ({ nodes }: Graph): number | undefined =>
  [...nodes].sort((a, b) => a.pos[0] - b.pos[0] || a.pos[1] - b.pos[1])[0]?.id;

const feedersOf = ({ links }: Graph, id: number) => links.filter(({ to }) => to === id).map(({ from }) => from);
const readersOf = ({ links }: Graph, id: number) => links.filter(({ from }) => from === id).map(({ to }) => to);
const nodesOf = (graph: Graph, ids: readonly number[]) => [...new Set(ids)].flatMap((id) => nodeOf(graph, id) ?? []);

/** At the same height rather than close by: that is where an arrow points. */
const nearest = ({ pos: [x, y] }: GraphNode, nodes: readonly GraphNode[]): number | undefined => {
  const distance = ({ pos }: GraphNode) => Math.abs(pos[1] - y) + Math.abs(pos[0] - x) / 8;
  return [...nodes].sort((a, b) => distance(a) - distance(b))[0]?.id;
};
