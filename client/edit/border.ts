/** Inputs and outputs of the graph one is in: what the node outside shows. */
import { type Graph, type GraphNode, graphSlot, structures } from "../../graphs/document/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { addNode, connect, newNode, nextId, nodeOf, type Point, toggleInput } from "./graph.ts";
import type { LooseEnd } from "./wish.ts";

function freeName({ nodes }: Graph, type: string, wish: string): string {
  const taken = new Set(nodes.filter((node) => node.type === type).map(({ properties }) => properties.name));
  let name = wish;
  for (let i = 2; taken.has(name); i++) name = `${wish}_${i}`;
  return name;
}

function borderNode(
  graph: Graph,
  catalogue: Catalogue,
  side: "input" | "output",
  wish: string,
  kind: string,
  at: Point,
): GraphNode {
  const type = structures[side];
  const name = freeName(graph, type, wish);
  const bare = newNode(catalogue, type, nextId(graph), at);
  const slots = (of: GraphNode["inputs"]) => of.map((slot) => ({ ...slot, type: kind }));
  return { ...bare, title: name, properties: { name, kind }, inputs: slots(bare.inputs), outputs: slots(bare.outputs) };
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
