/** A document is a tree of graphs; a level is one of them, named by the ids of the nodes that lead to it. */
import {
  type Graph,
  type GraphNode,
  portsOf,
  type Slot,
  wiredSlots,
  withDefaults,
  withPorts,
  withRerouteKinds,
} from "../../graphs/document/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { withEndsFollowed } from "./differentiate.ts";

export type Level = readonly number[];

export function graphAt(document: Graph, [id, ...inner]: Level): Graph | undefined {
  if (id === undefined) return document;
  const graph = document.nodes.find((node) => node.id === id)?.inner;
  return graph && graphAt(graph, inner);
}

/** The level, or where a node that leads to it is gone, the nearest one around it. */
export function nearestLevel(document: Graph, level: Level): Level {
  return graphAt(document, level) ? level : nearestLevel(document, level.slice(0, -1));
}

/**
 * The document with another graph at a level. The nodes above take the slots that their changed insides now have, and
 * reroutes the kind that now passes.
 */
export function withGraphAt(document: Graph, [id, ...inner]: Level, graph: Graph, catalogue: Catalogue): Graph {
  if (id === undefined) return withRerouteKinds(graph);
  const nodes = document.nodes.map((node) => {
    if (node.id !== id || !node.inner) return node;
    const changed = { ...node, inner: withGraphAt(node.inner, inner, graph, catalogue) };
    return followed(withEndsFollowed(changed, node.inner), document, catalogue);
  });
  return withRerouteKinds(withoutLoose({ ...document, nodes }));
}

/** The slots of what holds a graph follow that graph; its wires to what is gone are cut. */
function followed(node: GraphNode, { links }: Graph, { definitions }: Catalogue): GraphNode {
  const ports = portsOf(node, definitions);
  if (!ports) return node;
  const wired = wiredSlots(links);
  return withDefaults(withPorts(node, ports, wired, "cut"), ports, (name) => wired.has(node.id, "inputs", name));
}

/** Without wires whose slots are gone. */
function withoutLoose(graph: Graph): Graph {
  const has = (slots: readonly Slot[] | undefined, name: string) => slots?.some((slot) => slot.name === name);
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const links = graph.links.filter(
    ({ from, output, to, input }) => has(byId.get(from)?.outputs, output) && has(byId.get(to)?.inputs, input),
  );
  return links.length === graph.links.length ? graph : { ...graph, links };
}

/** The node that holds the graph of a level; the outermost graph has none. */
export const holderOf = (document: Graph, level: Level): GraphNode | undefined =>
  graphAt(document, level.slice(0, -1))?.nodes.find(({ id }) => id === level.at(-1));

/** "guided-ddim", "Sampling Loop", …: one crumb a level. */
export function crumbs(document: Graph, level: Level, catalogue: Catalogue): string[] {
  const nodes = level.map((_, depth) => holderOf(document, level.slice(0, depth + 1)));
  const titles = nodes.map((node, i) => (node ? titleOf(node, catalogue) : `${level[i]}`));
  // A sampler and the loop that is all there is in it often share their name.
  return titles.map((title, i) =>
    i > 0 && title === titles[i - 1] ? (catalogue.byType.get(nodes[i]?.type ?? "")?.title ?? title) : title,
  );
}

export const titleOf = (node: GraphNode, catalogue: Catalogue): string =>
  node.title ?? catalogue.byType.get(node.type)?.title ?? node.type;
