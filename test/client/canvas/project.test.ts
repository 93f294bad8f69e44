import { describe, expect, test } from "vitest";
import type { Lookups } from "../../../client/canvas/givens.ts";
import { type Projection, project } from "../../../client/canvas/project.ts";
import { connect, disconnect, moveNodes, removeNodes, setProperty, toggleLook } from "../../../client/edit/graph.ts";
import { graphAt, withGraphAt } from "../../../client/edit/level.ts";
import { insertReroute } from "../../../client/edit/reroute.ts";
import type { Graph } from "../../../graphs/document/index.ts";
import { catalogue } from "../support/catalogue.ts";
import { example } from "../support/graphs.ts";

const lookups: Lookups = {
  catalogue,
  fileFacts: () => undefined,
  watched: () => undefined,
  renews: () => false,
  classes: () => undefined,
  origin: () => undefined,
};
const measure = (text: string): number => 7 * text.length;
const show = (graph: Graph, before?: Projection, more: Partial<Lookups> = {}): Projection =>
  project(graph, { ...lookups, ...more }, measure, before);

const titlesOf = ({ cards }: Projection, before: Projection): string[] =>
  [...cards.values()].filter((card) => before.cards.get(card.id) !== card).map(({ look }) => look.title);

const graph = example("guided-ddim");
const first = show(graph);
const idOf = (title: string): number =>
  [...first.cards.values()].find(({ look }) => look.title === title)?.id as number;

/** An edit as the editor makes it: of the document, through withGraphAt. */
const edited = (change: (graph: Graph) => Graph): Graph => withGraphAt(graph, [], change(graph), catalogue);

describe("the cards that are made anew", () => {
  test("are none where nothing changed", () => {
    expect(titlesOf(show(graph, first), first)).toEqual([]);
  });

  test("are one when a parameter is turned", () => {
    const turned = edited((graph) => setProperty(graph, idOf("Noise"), "seed", 7, catalogue));
    const next = show(turned, first);
    expect(titlesOf(next, first)).toEqual(["Noise"]);
    expect(Object.values(next.graph.links).every((link) => link === first.graph.links[link.id])).toBe(true);
  });

  test("are the holder's alone when something inside it changes", () => {
    const holder = graph.nodes.find(({ inner }) => inner)?.id as number;
    const inner = graphAt(graph, [holder]) as Graph;
    const [{ id }] = inner.nodes;
    const moved = withGraphAt(graph, [holder], moveNodes(inner, new Map([[id, [8, 8]]])), catalogue);
    expect(titlesOf(show(moved, first), first)).toEqual(["Guided DDIM"]);
  });

  test("are those at the ends of a wire that goes", () => {
    const link = graph.links.find(({ to, input }) => to === idOf("Build cond_fn") && input === "classifier");
    const cut = show(
      edited((graph) => disconnect(graph, link?.id as number)),
      first,
    );
    expect(titlesOf(cut, first).sort()).toEqual(["Build cond_fn", "Load Classifier"]);
    expect(cut.cards.get(idOf("Build cond_fn"))?.look.inputs.filter(({ missing }) => missing)).toHaveLength(1);
  });

  test("are those that say otherwise what was looked up beside the document", () => {
    const told = show(graph, first, { fileFacts: ({ properties }) => `facts of ${properties.file}` });
    expect(titlesOf(told, first).sort()).toEqual(["Load Classifier", "Load UNet"]);
    const watched = show(graph, told, {
      fileFacts: ({ properties }) => `facts of ${properties.file}`,
      watched: (id) => (id === 1 ? "x" : undefined),
    });
    expect(titlesOf(watched, told)).toHaveLength(1);
  });

  test("are all when the catalogue is another", () => {
    expect(titlesOf(show(graph, first, { catalogue: { ...catalogue } }), first)).toHaveLength(graph.nodes.length);
  });
});

const link = graph.links[0];
const edits: Record<string, (graph: Graph) => Graph> = {
  move: (graph) => moveNodes(graph, new Map([[idOf("Noise"), [1000, 500]]])),
  collapse: (graph) => toggleLook(graph, new Set([idOf("Noise")]), "collapsed"),
  remove: (graph) => removeNodes(graph, new Set([idOf("Noise")])),
  disconnect: (graph) => disconnect(graph, link.id),
  rewire: (graph) => connect(disconnect(graph, link.id), link.from, link.output, link.to, link.input),
  "lead through a point": (graph) => insertReroute(graph, catalogue, link.id, [0, 0])?.graph as Graph,
};

test.each(Object.entries(edits))("after “%s” a graph is as it would be made anew", (_, change) => {
  const next = edited(change);
  const [kept, anew] = [show(next, show(graph)), show(next)];
  expect(described(kept)).toEqual(described(anew));
});

const described = ({ graph: { links, _nodes }, cards }: Projection) => ({
  links,
  order: _nodes.map(({ id }) => id),
  cards: [...cards.values()].map(({ id, look, box, inputs, outputs, flags }) => ({
    id,
    look,
    box,
    inputs,
    outputs,
    flags,
  })),
});
