import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import {
  documentBuilder,
  type GraphDocument,
  readDocument,
  understood,
  writeDocument,
} from "../../../graphs/document/index.ts";
import { toys } from "../../executor/toys.ts";
import { register, throughLitegraph } from "./litegraph.ts";

const { registry } = toys();
beforeAll(() => register(registry));

/** A loop within a subgraph, a promoted parameter, a wired parameter, a mute, a bypass, a colour and a group. */
function nestedDocument(): GraphDocument {
  const graph = documentBuilder(registry, { title: "Nested", description: "A loop in a subgraph." });
  const schedule = graph.add("guidegraph/schedule", { count: 4 });
  const start = graph.add("guidegraph/constant", { value: 1.5 }, "Start");
  const factor = graph.add("guidegraph/number", { value: 0.5 });
  const sampler = graph.subgraph(
    "Sampler",
    { schedule: schedule.out("schedule"), x: start.out("x"), factor: 3 },
    (inner) => {
      const x = inner.input("x", "tensor");
      const strength = inner.input("factor", "number");
      const loop = inner.loop(
        "Loop",
        { schedule: inner.input("schedule", "schedule"), x, factor: strength },
        (step) => {
          const scaled = step.add("guidegraph/scale", {
            x: step.input("x", "tensor"),
            factor: step.input("factor", "number"),
          });
          step.output("x", "tensor", scaled.out("x"));
        },
      );
      inner.output("x", "tensor", loop.out("x"));
    },
  );
  const scaled = graph.add("guidegraph/scale", { x: sampler.out("x"), factor: factor.out("value") });
  graph.add("guidegraph/show", { x: scaled.out("x") });
  const document = graph.document();
  const nodes = document.nodes.map((node, i) => ({
    ...node,
    mode: ([0, 2, 4] as const)[i % 3],
    look: i === 0 ? { collapsed: true, color: "#223344", shape: 2 } : {},
  }));
  return { ...document, nodes, groups: [{ title: "All", bounding: [0, 0, 400, 300], color: "#A88", fontSize: 24 }] };
}

test("a document survives being written and read", () => {
  const document = nestedDocument();
  expect(readDocument(JSON.stringify(writeDocument(document)))).toEqual(document);
});

test("a document survives stock litegraph, which opens and saves it", () => {
  const document = nestedDocument();
  expect(understood(readDocument(throughLitegraph(writeDocument(document))))).toEqual(understood(document));
});

test("writeDocument writes what litegraph's own serialize writes", () => {
  const json = writeDocument(nestedDocument());
  const keys = (value: unknown): string[] => Object.keys(value as object).sort();
  const saved = JSON.parse(throughLitegraph(json));
  expect(keys(json)).toEqual(keys(saved));
  expect((json as { links: unknown }).links).toEqual(saved.links);
});

test("an unknown node type keeps its data through litegraph and through us", () => {
  const file = {
    nodes: [
      {
        id: 3,
        type: "clip/encode",
        properties: { prompt: "a red star", weights: [1, { a: null }] },
        inputs: [],
        outputs: [{ name: "clip", type: "CLIP", links: null }],
      },
    ],
    links: [],
  };
  const document = readDocument(file);
  expect(document.nodes[0]).toMatchObject({
    type: "clip/encode",
    properties: { prompt: "a red star", weights: [1, { a: null }] },
  });
  expect(understood(readDocument(throughLitegraph(writeDocument(document))))).toEqual(understood(document));
});

test("any document equals itself after writing, litegraph and reading", () => {
  fc.assert(
    fc.property(documents, (document) => {
      expect(readDocument(JSON.stringify(writeDocument(document)))).toEqual(document);
      expect(understood(readDocument(throughLitegraph(writeDocument(document))))).toEqual(understood(document));
    }),
    { numRuns: 150 },
  );
});

/** Documents of up to twelve nodes with random properties, wires, places and looks; some hold a document inside. */
const documents: fc.Arbitrary<GraphDocument> = fc.letrec<{ graph: GraphDocument }>((tie) => ({
  graph: fc
    .record({
      nodes: fc.array(
        fc.record({
          type: fc.constantFrom("guidegraph/add", "guidegraph/scale", "guidegraph/subgraph", "other/thing"),
          title: fc.option(fc.string({ minLength: 1, maxLength: 8 }), { nil: undefined }),
          mode: fc.constantFrom(0 as const, 2 as const, 4 as const),
          properties: fc.dictionary(
            fc.string({ maxLength: 6 }).filter((key) => !["__proto__", "constructor", "prototype"].includes(key)),
            fc.oneof(fc.string({ maxLength: 9 }), fc.boolean(), fc.integer()),
          ),
          pos: fc.tuple(fc.integer({ min: -999, max: 999 }), fc.integer({ min: -999, max: 999 })),
          inner: fc.option(tie("graph"), { nil: undefined, depthIdentifier: "nesting" }),
        }),
        { maxLength: 12, depthIdentifier: "nesting" },
      ),
      wires: fc.array(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 8 }),
      title: fc.option(fc.string({ maxLength: 9 }), { nil: undefined }),
    })
    .map(({ nodes, wires, title }): GraphDocument => {
      const made = nodes.map(({ inner, title, ...node }, i) => ({
        ...node,
        ...(title !== undefined && { title }),
        ...(node.type === "guidegraph/subgraph" && { inner: inner ?? emptyGraph }),
        id: i + 1,
        inputs: [{ name: "a", type: "tensor" }],
        outputs: [{ name: "x", type: "tensor", label: "out" }],
        size: [200, 40] as const,
        look: i % 2 ? { collapsed: true as const } : { color: "#123" },
      }));
      const targets = [...new Map(wires.map(([from, to]) => [to, from]))].filter(
        ([to, from]) => from < made.length && to < made.length,
      );
      const links = targets.map(([to, from], i) => ({
        id: i + 1,
        from: from + 1,
        output: "x",
        to: to + 1,
        input: "a",
      }));
      return {
        nodes: made,
        links,
        groups: [],
        about: { ...(title !== undefined && { title }), versions: { "guidegraph/add": 1 } },
      };
    }),
})).graph;

const emptyGraph: GraphDocument = { nodes: [], links: [], groups: [], about: { versions: {} } };
