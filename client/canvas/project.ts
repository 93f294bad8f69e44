/**
 * A document's graph as litegraph's. The document is the truth: it is read and checked by graphs/document, and what
 * litegraph gets is built here, link by link; no file ever reaches `configure`.
 */
import { LGraph, LGraphGroup, LiteGraph, LLink } from "litegraph.js/build/litegraph.core.js";
import type { Graph } from "../../graphs/document/index.ts";
import { Card, sizeCard } from "./card.ts";
import { cardLook, type Surroundings } from "./looks.ts";

LiteGraph.registerNodeType("guidegraph/card", Card as never);

export interface Projection {
  readonly graph: LGraph;
  readonly cards: ReadonlyMap<number, Card>;
}

export const emptyProjection = (): Projection => ({ graph: new LGraph(), cards: new Map() });

export function project(
  graph: Graph,
  around: Surroundings,
  measure: (text: string, font: string) => number,
): Projection {
  const target = new LGraph();
  const cards = new Map<number, Card>();
  for (const node of graph.nodes) {
    const card = new Card();
    card.id = node.id;
    card.pos[0] = node.pos[0];
    card.pos[1] = node.pos[1];
    card.look = cardLook(node, graph, around);
    card.title = card.look.title;
    card.flags.collapsed = node.look.collapsed === true && card.look.form !== "reroute";
    card.inputs = node.inputs.map(({ name, type }) => ({ name, type, link: null }));
    card.outputs = node.outputs.map(({ name, type }) => ({ name, type, links: [] }));
    sizeCard(card, measure);
    target.add(card, true);
    cards.set(node.id, card);
  }
  for (const { id, from, output, to, input } of graph.links) {
    const [origin, goal] = [cards.get(from), cards.get(to)];
    const start = origin?.outputs.findIndex(({ name }) => name === output) ?? -1;
    const end = goal?.inputs.findIndex(({ name }) => name === input) ?? -1;
    if (!origin || !goal || start < 0 || end < 0) continue;
    target.links[id] = new LLink(id, origin.outputs[start].type, from, start, to, end);
    goal.inputs[end].link = id;
    origin.outputs[start].links?.push(id);
  }
  for (const { title, bounding } of graph.groups) {
    const group = new LGraphGroup(title);
    group.pos[0] = bounding[0];
    group.pos[1] = bounding[1];
    group.size[0] = bounding[2];
    group.size[1] = bounding[3];
    target.add(group);
  }
  return { graph: target, cards };
}
