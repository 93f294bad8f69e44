import fc from "fast-check";
import { expect, test } from "vitest";
import { setProperty } from "../../../client/edit/graph.ts";
import { withGraphAt } from "../../../client/edit/level.ts";
import { dissolveSubgraph, makeSubgraph } from "../../../client/edit/subgraph.ts";
import { plan } from "../../../executor/index.ts";
import { contentHash, type Graph, readDocument, writeDocument } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { catalogue } from "../support/catalogue.ts";
import { example } from "../support/graphs.ts";

const names = ["guided-ddim", "red-star", "ddim-inversion", "classifier-free-ddim"];
/** Versions of structures that a graph once held may stay in its table. */
const sameAbout = (graph: Graph, as: Graph): Graph => ({ ...graph, about: as.about });

test("makeSubgraph and dissolveSubgraph are inverse, whatever is selected", () => {
  const anySelection = fc.constantFrom(...names).chain((name) => {
    const graph = example(name);
    return fc.tuple(
      fc.constant(graph),
      fc.subarray(
        graph.nodes.map(({ id }) => id),
        { minLength: 1 },
      ),
    );
  });
  fc.assert(
    fc.property(anySelection, ([graph, ids]) => {
      const made = makeSubgraph(graph, new Set(ids), "Part", catalogue);
      const apart = dissolveSubgraph(made.graph, made.id);
      expect(apart?.ids).toEqual(new Set(ids));
      expect(contentHash(sameAbout(apart?.graph as Graph, graph))).toBe(contentHash(graph));
    }),
    { numRuns: 60 },
  );
});

test("a graph with a subgraph in it is written and read, and plans to the same values", () => {
  const graph = example("guided-ddim");
  const ids = graph.nodes
    .filter(({ type }) => /load-classifier|build-cond-fn|class-labels/.test(type))
    .map(({ id }) => id);
  const { graph: made, id } = makeSubgraph(graph, new Set(ids), "Guidance", catalogue);
  expect(contentHash(readDocument(JSON.stringify(writeDocument(made))))).toBe(contentHash(made));
  const holder = made.nodes.find((node) => node.id === id);
  expect(holder?.inputs).toEqual([]);
  expect(holder?.outputs.map(({ name }) => name).sort()).toEqual(["cond_fn", "labels"]);
  const known = {
    network: (role: string) => ({
      channels: 3,
      height: 32,
      width: 32,
      classes: role === "unet" ? 11 : 10,
      nullLabel: 10,
      predicts: "x0" as const,
      learnSigma: true,
      content: role,
    }),
    image: () => ({ channels: 3, height: 32, width: 32, content: "" }),
    tensor: () => ({ type: "float32", dims: [2, 3, 4, 4], content: "array" }),
  };
  const keys = (graph: Graph) =>
    plan(graph, nodes, known)
      .steps.map(({ key }) => key)
      .sort();
  expect(keys(made)).toEqual(keys(graph));
});

test("dissolveSubgraph gives a value set on the node to the parameter it stands for", () => {
  const graph = example("guided-ddim");
  const sampler = graph.nodes.find(({ inner }) => inner !== undefined);
  const apart = dissolveSubgraph(
    setProperty(graph, sampler?.id as number, "eta", 0.5, catalogue),
    sampler?.id as number,
  );
  const loop = apart?.graph.nodes.find(({ type }) => type === "guidegraph/sampling-loop");
  expect(loop?.properties.eta).toBe(0.5);
});

test("withGraphAt gives the outer node the slots of its changed inside, and drops wires into slots that are gone", () => {
  const graph = example("guided-ddim");
  const sampler = graph.nodes.find(({ inner }) => inner !== undefined);
  const inner = sampler?.inner as Graph;
  const port = inner.nodes.find(({ properties }) => properties.name === "cond_fn");
  const without = {
    ...inner,
    nodes: inner.nodes.filter((node) => node !== port),
    links: inner.links.filter(({ from }) => from !== port?.id),
  };
  const next = withGraphAt(graph, [sampler?.id as number], without, catalogue);
  expect(next.nodes.find(({ id }) => id === sampler?.id)?.inputs.map(({ name }) => name)).not.toContain("cond_fn");
  expect(next.links.some(({ input }) => input === "cond_fn")).toBe(false);
  expect(graph.links.some(({ input }) => input === "cond_fn")).toBe(true);
});
