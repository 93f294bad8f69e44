/**
 * A document's graph as litegraph's. The document is the truth: it is read and checked by graphs/document, and what
 * litegraph gets is built here, link by link; no file ever reaches `configure`.
 */
import { LGraph, LGraphGroup, LiteGraph, type LLink } from "litegraph.js/build/litegraph.core.js";
import type { Graph, GraphNode } from "../../graphs/document/index.ts";
import { Card, sizeCard } from "./card.ts";
import { areSameGivens, type Givens, givensOf, type Lookups } from "./givens.ts";
import { cardLook } from "./looks.ts";

export interface Projection {
  readonly graph: LGraph;
  readonly cards: ReadonlyMap<number, Card>;
}

/** The width of a text in a font. */
export type Measure = (text: string, font: string) => number;

export const emptyProjection = (): Projection => ({ graph: new LGraph(), cards: new Map() });

/** Cards of `before` whose nodes, and all that they show beside them, are the same are taken over; links likewise. */
export function project(
  graph: Graph,
  lookups: Lookups,
  measure: Measure,
  before: Projection = emptyProjection(),
): Projection {
  const target = new LGraph();
  const cards = new Map<number, Card>();
  const givensFor = givensOf(graph, lookups);
  for (const node of graph.nodes) {
    const givens = givensFor(node);
    const old = before.cards.get(node.id);
    const isSame = old && old.node === node && areSameGivens(old.givens, givens);
    const card = isSame ? old : cardOf(node, givens, measure);
    card.pos[0] = node.pos[0];
    card.pos[1] = node.pos[1];
    card.inputs = node.inputs.map(({ name, type }) => ({ name, type, link: null }));
    card.outputs = node.outputs.map(({ name, type }) => ({ name, type, links: [] }));
    target.add(card, true);
    cards.set(node.id, card);
  }
  for (const { id, from, output, to, input } of graph.links) {
    const [origin, goal] = [cards.get(from), cards.get(to)];
    const start = origin?.outputs.findIndex(({ name }) => name === output) ?? -1;
    const end = goal?.inputs.findIndex(({ name }) => name === input) ?? -1;
    if (!origin || !goal || start < 0 || end < 0) continue;
    const link = new LiteGraph.LLink(id, origin.outputs[start].type, from, start, to, end);
    target.links[id] = kept(before.graph.links[id], link);
    goal.inputs[end].link = id;
    origin.outputs[start].links?.push(id);
  }
  for (const { title, bounding, color } of graph.groups) {
    const group = new LGraphGroup(title);
    group.color = color ?? "";
    group.pos[0] = bounding[0];
    group.pos[1] = bounding[1];
    group.size[0] = bounding[2];
    group.size[1] = bounding[3];
    target.add(group);
  }
  return { graph: target, cards };
}

/** A link that is as it was is the one that it was: so its wire lies where it lay. */
function kept(old: LLink | undefined, link: LLink): LLink {
  const keys = ["type", "origin_id", "origin_slot", "target_id", "target_slot"] as const;
  return old && keys.every((key) => old[key] === link[key]) ? old : link;
}

function cardOf(node: GraphNode, givens: Givens, measure: Measure): Card {
  const card = new Card(node, givens, cardLook(node, givens));
  card.id = node.id;
  card.flags.collapsed = node.look.collapsed === true && card.look.form !== "reroute";
  sizeCard(card, measure);
  return card;
}
