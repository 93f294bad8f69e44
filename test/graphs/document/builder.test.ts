import { describe, expect, test } from "vitest";
import {
  contentHash,
  documentBuilder,
  type Graph,
  type GraphNode,
  readDocument,
  writeDocument,
} from "../../../graphs/document/index.ts";
import { toys } from "../../executor/toys.ts";

const { registry } = toys();

describe("documentBuilder", () => {
  test("writes ports, kinds, defaults and versions from the definitions", () => {
    const graph = documentBuilder(registry, { title: "T", description: "D" });
    const number = graph.add("guidegraph/number");
    graph.add(
      "guidegraph/scale",
      { x: graph.add("guidegraph/constant").out("x"), factor: number.out("value") },
      "Half",
    );
    const document = graph.document();
    expect(document.about).toEqual({
      title: "T",
      description: "D",
      versions: { "guidegraph/number": 1, "guidegraph/constant": 1, "guidegraph/scale": 1 },
    });
    expect(document.nodes[1]).toMatchObject({
      properties: { value: 0, size: 8 },
      inputs: [],
      outputs: [{ name: "x", type: "tensor" }],
    });
    expect(document.nodes[2]).toMatchObject({
      title: "Half",
      properties: {},
      inputs: [
        { name: "x", type: "tensor" },
        { name: "factor", type: "number" },
      ],
    });
    expect(readDocument(writeDocument(document))).toEqual(document);
  });

  test("refuses what the definitions do not have", () => {
    const graph = documentBuilder(registry);
    const a = graph.add("guidegraph/constant");
    expect(() => graph.add("guidegraph/nothing")).toThrow('the type "guidegraph/nothing" is unknown');
    expect(() => graph.add("constructor")).toThrow("unknown");
    expect(() => graph.add("guidegraph/scale", { y: 1 })).toThrow('Scale: it has no input "y"');
    expect(() => a.out("y")).toThrow('Constant has no output "y": did you mean "x"?');
    expect(() => graph.connect(a.out("x"), a, "y")).toThrow('no input "y"');
  });

  test("inserts a library graph that remembers where it came from, and shows when it was edited", () => {
    const library = documentBuilder(registry, { title: "Doubler" });
    library.output("x", "tensor", library.add("guidegraph/scale", { x: library.input("x", "tensor") }).out("x"));
    const entry = library.document();
    const graph = documentBuilder(registry);
    const added = graph.insert(
      entry,
      { name: "doubler", version: 3 },
      { x: graph.add("guidegraph/constant").out("x") },
    );
    const [, node] = graph.document().nodes;
    expect(node).toMatchObject({ id: added.id, title: "Doubler", inputs: [{ name: "x" }], outputs: [{ name: "x" }] });
    expect(node.inner?.about.library).toEqual({ name: "doubler", version: 3, hash: contentHash(entry) });
    expect(contentHash(node.inner as Graph)).toBe(contentHash(entry));
  });
});

describe("the layout", () => {
  const graph = documentBuilder(registry);
  const a = graph.add("guidegraph/constant");
  const b = graph.add("guidegraph/constant");
  let x = graph.add("guidegraph/add", { a: a.out("x"), b: b.out("x") }).out("x");
  for (let i = 0; i < 5; i++) x = graph.add("guidegraph/scale", { x }).out("x");
  const late = graph.add("guidegraph/constant");
  x = graph.add("guidegraph/add", { a: x, b: late.out("x") }).out("x");
  graph.add("guidegraph/show", { x });
  const { nodes, links } = graph.document();
  const title = 32;
  const box = ({ pos, size }: GraphNode) => ({
    left: pos[0],
    right: pos[0] + size[0],
    top: pos[1] - title,
    bottom: pos[1] + size[1],
  });

  test("goes from left to right along every wire", () => {
    for (const { from, to } of links) expect(box(nodes[from - 1]).right).toBeLessThan(box(nodes[to - 1]).left);
  });
  test("puts no node on another", () => {
    for (const one of nodes)
      for (const other of nodes) {
        const [p, q] = [box(one), box(other)];
        const apart = p.right < q.left || q.right < p.left || p.bottom < q.top || q.bottom < p.top;
        expect(one === other || apart).toBe(true);
      }
  });
  test("keeps what nothing feeds beside its first reader", () => {
    const reader = nodes[late.id];
    expect(box(reader).left - box(nodes[late.id - 1]).right).toBeLessThan(100);
  });
  test("gives a node room for its ports and parameters", () => {
    expect(nodes[a.id - 1].size[1]).toBeGreaterThan(nodes[nodes.length - 1].size[1]);
  });
});

describe("contentHash", () => {
  const build = (factor: number) => {
    const graph = documentBuilder(registry);
    const scaled = graph.add("guidegraph/scale", { x: graph.add("guidegraph/constant").out("x"), factor });
    graph.subgraph("Sub", { x: scaled.out("x") }, (inner) => inner.output("x", "tensor", inner.input("x", "tensor")));
    return graph.document();
  };
  const document = build(2);

  test("does not depend on places, looks, order, link ids, description or provenance", () => {
    const moved: Graph = {
      nodes: [...document.nodes].reverse().map((node) => ({ ...node, pos: [1, 2] as const, look: { color: "#fff" } })),
      links: [...document.links].reverse().map((link) => ({ ...link, id: link.id + 50 })),
      groups: [{ title: "g", bounding: [0, 0, 1, 1] }],
      about: { ...document.about, description: "Other", library: { name: "n", version: 1, hash: "h" } },
    };
    expect(contentHash(moved)).toBe(contentHash(document));
    expect(contentHash(document)).toMatch(/^[0-9a-f]{64}$/);
  });
  test("depends on parameters, wires, modes and what is inside", () => {
    const hashes = [
      document,
      build(3),
      { ...document, links: document.links.slice(1) },
      { ...document, nodes: document.nodes.map((node) => ({ ...node, mode: 4 as const })) },
      {
        ...document,
        nodes: document.nodes.map(({ inner, ...node }) => ({
          ...node,
          ...(inner && { inner: { ...inner, links: [] } }),
        })),
      },
    ].map(contentHash);
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
