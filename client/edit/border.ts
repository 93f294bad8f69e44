/** Inputs and outputs of the graph one is in: what the node outside shows. */
import {
  borderName,
  freeName,
  type Graph,
  type GraphNode,
  graphSlot,
  newNode,
  own,
  ownedInputProblem,
  ownedOutputProblem,
  portsOf,
  structures,
  wiredSlots,
  withPorts,
} from "../../graphs/document/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { addNode, connect, nextId, nodeOf, type Point, setProperty, toggleInput } from "./graph.ts";
import type { LooseEnd } from "./wish.ts";

interface Wanted {
  readonly side: "input" | "output";
  readonly wish: string;
  readonly kind: string;
  readonly pos: Point;
}

/** `holder`: what holds the graph, whose own names are no other's. */
function borderNode(
  graph: Graph,
  { definitions }: Catalogue,
  holder: GraphNode | undefined,
  { side, wish, kind, pos }: Wanted,
): GraphNode {
  const type = structures[side];
  const taken = graph.nodes.filter((node) => node.type === type).map(borderName);
  const structure = holder && own(definitions, holder.type);
  const isOwned = (name: string) =>
    structure !== undefined &&
    (side === "output" ? ownedOutputProblem(structure, name) : ownedInputProblem(structure, name, kind)) !== undefined;
  const name = freeName(wish, (name) => taken.includes(name) || isOwned(name));
  return newNode({ id: nextId(graph), type, title: name, set: { name, kind }, pos }, definitions);
}

export interface Bordered {
  readonly catalogue: Catalogue;
  /** What holds the graph. */
  readonly holder: GraphNode | undefined;
}

/** The wire in hand becomes an output (or an input) of the graph. */
export function addBorder(graph: Graph, { catalogue, holder }: Bordered, held: LooseEnd, at: Point): Graph {
  const side = held.side === "output" ? "output" : "input";
  const node = borderNode(graph, catalogue, holder, { side, wish: held.slot, kind: held.kind, pos: at });
  const next = addNode(graph, node, catalogue);
  return side === "output"
    ? connect(next, held.node, held.slot, node.id, graphSlot)
    : connect(next, node.id, graphSlot, held.node, held.slot);
}

/** A parameter becomes an input of the graph, and with it a parameter of the node outside. */
export function promote(graph: Graph, { catalogue, holder }: Bordered, id: number, name: string, kind: string): Graph {
  const [x, y] = nodeOf(graph, id)?.pos ?? [0, 0];
  const node = borderNode(graph, catalogue, holder, { side: "input", wish: name, kind, pos: [x - 200, y + 40] });
  const slotted = nodeOf(graph, id)?.inputs.some((slot) => slot.name === name)
    ? graph
    : toggleInput(graph, id, name, kind);
  return connect(addNode(slotted, node, catalogue), node.id, graphSlot, id, name);
}

/** Gives a graph input or output another name or kind; its slot is of that kind. */
export function setBorder(graph: Graph, catalogue: Catalogue, id: number, what: "name" | "kind", value: string): Graph {
  const next = setProperty(graph, id, what, value, catalogue);
  const wired = wiredSlots(graph.links);
  const follow = (node: GraphNode) => {
    const ports = portsOf(node, catalogue.definitions);
    return ports ? withPorts(node, ports, wired, "kept") : node;
  };
  return { ...next, nodes: next.nodes.map((node) => (node.id === id ? follow(node) : node)) };
}
