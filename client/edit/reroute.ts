/** A point put into a wire, through which it is led. */
import { type Graph, graphSlot, newNode, structures } from "../../graphs/document/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { addNode, connect, nextId, type Point } from "./graph.ts";

/** On the canvas: as narrow as wires can be led between cards, as wide as its two slots and its middle are told apart. */
export const rerouteSize = [24, 16] as const;

export interface Rerouted {
  readonly graph: Graph;
  readonly id: number;
}

/** `at`: where its middle goes, on the grid. */
export function insertReroute(graph: Graph, catalogue: Catalogue, link: number, at: Point): Rerouted | undefined {
  const through = graph.links.find(({ id }) => id === link);
  if (!through) return undefined;
  const { from, output, to, input } = through;
  const [x, y] = at.map((value, axis) => Math.round((value - rerouteSize[axis] / 2) / 8) * 8);
  const node = newNode({ id: nextId(graph), type: structures.reroute, pos: [x, y] }, catalogue.definitions);
  const wired = connect(addNode(graph, node, catalogue), from, output, node.id, graphSlot);
  return { graph: connect(wired, node.id, graphSlot, to, input), id: node.id };
}
