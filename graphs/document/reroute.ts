/**
 * Reroutes lead a wire round a corner: one input, one output, of whatever kind passes. Everybody who asks what a wire
 * joins looks through them: chains of them, and their branches, to the real ends.
 */
import { isMuted } from "./modes.ts";
import { anyKind, graphSlot, structures } from "./structures.ts";
import type { Graph, GraphLink, GraphNode } from "./types.ts";

/** A muted one is an end of its own: nothing passes. */
const passes = (node: GraphNode): boolean => node.type === structures.reroute && !isMuted(node);

const known = new WeakMap<Graph, readonly GraphLink[]>();

/**
 * The links of a graph, each leaving from where its value really comes from; what nothing feeds is left out. Only where
 * reroutes feed each other in a circle does a link still leave one that is not muted.
 */
export function straightened(graph: Graph): readonly GraphLink[] {
  const links = known.get(graph) ?? straighten(graph);
  known.set(graph, links);
  return links;
}

function straighten({ nodes, links }: Graph): readonly GraphLink[] {
  const reroutes = new Set(nodes.filter(passes).map(({ id }) => id));
  return reroutes.size === 0 ? links : linkedPast(links, reroutes);
}

/** The links, each leaving from what feeds the `reroutes` it was led through. */
export function linkedPast(links: readonly GraphLink[], reroutes: ReadonlySet<number>): readonly GraphLink[] {
  const entering = new Map(links.filter(({ to }) => reroutes.has(to)).map((link) => [link.to, link]));
  return links.flatMap((link) => {
    const seen = new Set<number>();
    let { from, output } = link;
    while (reroutes.has(from) && !seen.has(from)) {
      seen.add(from);
      const before = entering.get(from);
      if (!before) return [];
      ({ from, output } = before);
    }
    return [{ ...link, from, output }];
  });
}

/** What of a graph does something: no notes, and wires straight from end to end. A muted reroute does: it cuts its wire. */
export function plainGraph(graph: Graph): Graph {
  const nodes = graph.nodes.filter((node) => node.type !== structures.note && !passes(node));
  if (nodes.length === graph.nodes.length) return graph;
  const ids = new Set(nodes.map(({ id }) => id));
  return { ...graph, nodes, links: straightened(graph).filter(({ to }) => ids.has(to)) };
}

export interface End {
  readonly node: number;
  readonly slot: string;
}

/** Where the value of an output really comes from; undefined for a reroute that nothing feeds. */
export function realSource(graph: Graph, { node, slot }: End): End | undefined {
  if (!graph.nodes.some((one) => one.id === node && passes(one))) return { node, slot };
  const entering = straightened(graph).find(({ to }) => to === node);
  return entering && { node: entering.from, slot: entering.output };
}

/** The inputs that really take what enters an input: itself, or all that a reroute leads to. */
export function realReaders(graph: Graph, { node, slot }: End): End[] {
  const reroutes = new Set(graph.nodes.filter(passes).map(({ id }) => id));
  const readers: End[] = [];
  const seen = new Set<number>();
  const waiting: End[] = [{ node, slot }];
  for (let at = waiting.pop(); at; at = waiting.pop()) {
    if (!reroutes.has(at.node)) readers.push(at);
    else if (!seen.has(at.node)) {
      seen.add(at.node);
      for (const { from, to, input } of graph.links) if (from === at.node) waiting.push({ node: to, slot: input });
    }
  }
  return readers;
}

/** The graph whose reroutes have slots of the kind that passes: of what feeds them, else of what they feed. */
export function withRerouteKinds(graph: Graph): Graph {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const typeOf = (slots: GraphNode["inputs"] | undefined, name: string) =>
    slots?.find((slot) => slot.name === name)?.type;
  let changed = false;
  const nodes = graph.nodes.map((node) => {
    if (node.type !== structures.reroute) return node;
    const entering = straightened(graph).find(({ to }) => to === node.id);
    const reader = realReaders(graph, { node: node.id, slot: graphSlot })[0];
    const fed = entering && typeOf(byId.get(entering.from)?.outputs, entering.output);
    const type = fed ?? (reader && typeOf(byId.get(reader.node)?.inputs, reader.slot)) ?? anyKind;
    const slots = [...node.inputs, ...node.outputs];
    if (slots.length === 2 && slots.every((slot) => slot.type === type)) return node;
    changed = true;
    const carrying = (of: GraphNode["inputs"]) => [{ ...of[0], name: graphSlot, type }];
    return { ...node, inputs: carrying(node.inputs), outputs: carrying(node.outputs) };
  });
  return changed ? { ...graph, nodes } : graph;
}
