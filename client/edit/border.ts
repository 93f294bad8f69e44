/** Inputs and outputs of the graph one is in: what the node outside shows. */
import {
  borderName,
  freeName,
  type Graph,
  type GraphNode,
  graphSlot,
  newNode,
  portsOf,
  structures,
  wiredSlots,
  withPorts,
} from "../../graphs/document/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { addNode, connect, nextId, nodeOf, type Point, setProperty, toggleInput } from "./graph.ts";
import type { LooseEnd } from "./wish.ts";

function borderNode(
  graph: Graph,
  { definitions }: Catalogue,
  side: "input" | "output",
  wish: string,
  kind: string,
  pos: Point,
): GraphNode {
  const type = structures[side];
  const taken = graph.nodes.filter((node) => node.type === type).map(borderName);
  const name = freeName(wish, (name) => taken.includes(name));
  return newNode({ id: nextId(graph), type, title: name, set: { name, kind }, pos }, definitions);
}

/** The wire in hand becomes an output (or an input) of the graph. */
export function addBorder(graph: Graph, catalogue: Catalogue, held: LooseEnd, at: Point): Graph {
  const side = held.side === "output" ? "output" : "input";
  const node = borderNode(graph, catalogue, side, held.slot, held.kind, at);
  const next = addNode(graph, node, catalogue);
  return side === "output"
    ? connect(next, held.node, held.slot, node.id, graphSlot)
    : connect(next, node.id, graphSlot, held.node, held.slot);
}

/** A parameter becomes an input of the graph, and with it a parameter of the node outside. */
export function promote(graph: Graph, catalogue: Catalogue, id: number, name: string, kind: string): Graph {
  const [x, y] = nodeOf(graph, id)?.pos ?? [0, 0];
  const node = borderNode(graph, catalogue, "input", name, kind, [x - 200, y + 40]);
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
