/** A document is a tree of graphs; a level is one of them, named by the ids of the nodes that lead to it. */
import { type Graph, type GraphNode, portsOf, type Slot, withRerouteKinds } from "../../graphs/document/index.ts";
import type { Catalogue } from "./catalogue.ts";

export type Level = readonly number[];

export function graphAt(document: Graph, [id, ...inner]: Level): Graph | undefined {
  if (id === undefined) return document;
  const graph = document.nodes.find((node) => node.id === id)?.inner;
  return graph && graphAt(graph, inner);
}

/**
 * The document with another graph at a level. The nodes above take the slots that their changed insides now have, and
 * reroutes the kind that now passes.
 */
export function withGraphAt(document: Graph, [id, ...inner]: Level, graph: Graph, catalogue: Catalogue): Graph {
  if (id === undefined) return withRerouteKinds(graph);
  const nodes = document.nodes.map((node) =>
    node.id === id && node.inner
      ? withPorts({ ...node, inner: withGraphAt(node.inner, inner, graph, catalogue) }, document, catalogue)
      : node,
  );
  return withRerouteKinds(withoutLoose({ ...document, nodes }));
}

/** The slots of a structure follow its inner graph; parameters stay slots only where they were or are wired. */
function withPorts(node: GraphNode, graph: Graph, catalogue: Catalogue): GraphNode {
  const ports = portsOf(node, catalogue.definitions);
  if (!ports) return node;
  const wired = new Set(graph.links.filter(({ to }) => to === node.id).map(({ input }) => input));
  const wasSlot = new Set(node.inputs.map(({ name }) => name));
  const inputs: Slot[] = Object.entries(ports.inputs)
    .filter(([name, port]) => !port.parameter || wired.has(name) || wasSlot.has(name))
    .map(([name, port]) => ({ name, type: port.kind }));
  const outputs: Slot[] = Object.entries(ports.outputs).map(([name, port]) => ({ name, type: port.kind }));
  const promoted = Object.entries(ports.inputs).flatMap(([name, { parameter }]) =>
    parameter && !wired.has(name) ? [[name, node.properties[name] ?? parameter.default] as const] : [],
  );
  const properties = { ...node.properties, ...Object.fromEntries(promoted) };
  return { ...node, inputs, outputs, properties };
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

/** "guided-ddim", "Sampling Loop", …: one crumb a level. */
export function crumbs(document: Graph, level: Level, catalogue: Catalogue): string[] {
  const nodes = level.map((id, depth) => graphAt(document, level.slice(0, depth))?.nodes.find((one) => one.id === id));
  const titles = nodes.map((node, i) => (node ? titleOf(node, catalogue) : `${level[i]}`));
  // A sampler and the loop that is all there is in it often share their name.
  return titles.map((title, i) =>
    i > 0 && title === titles[i - 1] ? (catalogue.byType.get(nodes[i]?.type ?? "")?.title ?? title) : title,
  );
}

export const titleOf = (node: GraphNode, catalogue: Catalogue): string =>
  node.title ?? catalogue.byType.get(node.type)?.title ?? node.type;
