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
  const origins = new Map<number, Origin | undefined>();
  return links.flatMap((link) => {
    const origin = reroutes.has(link.from) ? originOf(link.from, reroutes, entering, origins) : link;
    return origin ? [{ ...link, from: origin.from, output: origin.output }] : [];
  });
}

type Origin = Pick<GraphLink, "from" | "output">;

/**
 * What really feeds a reroute; of a circle of them, one of the circle. The way back is walked once: every reroute on it is
 * told where it leads, so that a chain costs its length and not the square of it.
 */
function originOf(
  reroute: number,
  reroutes: ReadonlySet<number>,
  entering: ReadonlyMap<number, GraphLink>,
  origins: Map<number, Origin | undefined>,
): Origin | undefined {
  const way = new Set<number>();
  let at: Origin | undefined = { from: reroute, output: graphSlot };
  while (at && reroutes.has(at.from) && !way.has(at.from) && !origins.has(at.from)) {
    way.add(at.from);
    at = entering.get(at.from);
  }
  const origin = at && origins.has(at.from) ? origins.get(at.from) : at;
  for (const one of way) origins.set(one, origin);
  return origin;
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
  const reroutes = new Set(graph.nodes.filter(({ type }) => type === structures.reroute).map(({ id }) => id));
  if (reroutes.size === 0) return graph;
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const typeOf = (slots: GraphNode["inputs"] | undefined, name: string) =>
    slots?.find((slot) => slot.name === name)?.type;
  const entering = new Map(straightened(graph).map((link) => [link.to, link]));
  const readers = firstReaders(graph);
  let changed = false;
  const nodes = graph.nodes.map((node) => {
    if (!reroutes.has(node.id)) return node;
    const from = entering.get(node.id);
    const reader = readers.get(node.id);
    const fed = from && typeOf(byId.get(from.from)?.outputs, from.output);
    const type = fed ?? (reader && typeOf(byId.get(reader.node)?.inputs, reader.slot)) ?? anyKind;
    const slots = [...node.inputs, ...node.outputs];
    if (slots.length === 2 && slots.every((slot) => slot.type === type)) return node;
    changed = true;
    const carrying = (of: GraphNode["inputs"]) => [{ ...of[0], name: graphSlot, type }];
    return { ...node, inputs: carrying(node.inputs), outputs: carrying(node.outputs) };
  });
  return changed ? { ...graph, nodes } : graph;
}

/** An input that really takes what each reroute carries: found from the ends back, once for all that lead to it. */
function firstReaders({ nodes, links }: Graph): ReadonlyMap<number, End> {
  const passing = new Set(nodes.filter(passes).map(({ id }) => id));
  const entering = new Map(links.filter(({ to }) => passing.has(to)).map((link) => [link.to, link]));
  const readers = new Map<number, End>();
  for (const { from, to, input } of links) {
    if (passing.has(to)) continue;
    const reader = { node: to, slot: input };
    for (let at = from; passing.has(at) && !readers.has(at); at = entering.get(at)?.from ?? -1) readers.set(at, reader);
  }
  // A muted one leads nowhere, but what hangs on it is still of its kind.
  for (const { from, to, input } of links)
    if (!passing.has(from) && !readers.has(from)) readers.set(from, readers.get(to) ?? { node: to, slot: input });
  return readers;
}
