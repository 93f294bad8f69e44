/** A node that comes into a graph: alone, on the loose end of a wire, or into a wire. */
import {
  anyKind,
  type Graph,
  type GraphNode,
  kindFits,
  own,
  type PortShape,
  portsOf,
} from "../../graphs/document/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { addNode, connect, nodeOf, toggleInput } from "./graph.ts";
import { type LooseEnd, type Wish, wishFrom } from "./wish.ts";

export interface Inserted {
  readonly graph: Graph;
  /** The wire it came with. */
  readonly wish?: Wish;
}

export const insertNode = (graph: Graph, catalogue: Catalogue, node: GraphNode): Inserted => ({
  graph: addNode(graph, node, catalogue),
});

/** The wire that is wished for; a parameter at its end becomes a slot. */
export function wired(graph: Graph, { definitions }: Catalogue, { from, output, to, input }: Wish): Graph {
  const node = nodeOf(graph, to);
  const port = node && own(portsOf(node, definitions)?.inputs, input);
  const isSlot = !port?.parameter || node?.inputs.some(({ name }) => name === input);
  return connect(isSlot ? graph : toggleInput(graph, to, input, port.kind), from, output, to, input);
}

/** Wired with what is held, where a port of it fits; a parameter becomes a slot for it. */
export function insertAtEnd(graph: Graph, catalogue: Catalogue, node: GraphNode, held: LooseEnd): Inserted {
  const next = addNode(graph, node, catalogue);
  const ports = portsOf(node, catalogue.definitions);
  const port = fitting(held.side === "output" ? ports?.inputs : ports?.outputs, held.kind, held.meaning);
  if (port === undefined) return { graph: next };
  const wish = wishFrom(held, node.id, port);
  return { graph: wired(next, catalogue, wish), wish };
}

/** Into a wire, where it takes and gives what passes there; else beside it. */
export function insertIntoWire(graph: Graph, catalogue: Catalogue, node: GraphNode, into: number): Inserted {
  const next = addNode(graph, node, catalogue);
  const ports = portsOf(node, catalogue.definitions);
  const link = graph.links.find(({ id }) => id === into);
  const from = link && nodeOf(graph, link.from);
  const kind = String(from?.outputs.find(({ name }) => name === link?.output)?.type ?? "");
  const slots = Object.entries(ports?.inputs ?? {}).filter(([, { parameter }]) => !parameter);
  const [input, output] = [fitting(Object.fromEntries(slots), kind), fitting(ports?.outputs, kind)];
  if (!link || input === undefined || output === undefined) return { graph: next };
  const fed = connect(next, link.from, link.output, node.id, input);
  return { graph: connect(fed, node.id, output, link.to, link.input) };
}

/** The port that a kind fits: one that is made for its meaning, or for it alone, before another. */
function fitting(ports: Readonly<Record<string, PortShape>> = {}, kind: string, meaning?: string): string | undefined {
  const fits = (port: string) => port === anyKind || kindFits(kind, port) || kindFits(port, kind);
  const all = Object.entries(ports).filter(([, port]) => fits(port.kind));
  const same = all.find(([, port]) => meaning !== undefined && (port as { meaning?: string }).meaning === meaning);
  return (same ?? all.find(([, port]) => port.kind === kind) ?? all[0])?.[0];
}
