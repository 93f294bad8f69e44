import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { open } from "../../../client/plugin/open.ts";
import { contentHash, DocumentError, readDocument } from "../../../graphs/document/index.ts";
import { graphKeyword, textChunk, withText } from "../../../runtime/codecs/index.ts";
import { encodePng } from "../../../runtime/codecs/png.ts";
import { packageRoot } from "../../../server/files/package-root.ts";
import { added, LGraph, LiteGraph } from "./host.ts";

const text = readFileSync(join(packageRoot, "graphs", "guided-ddim.json"), "utf8");
const sent = (graph: InstanceType<typeof LGraph>) => readDocument(JSON.parse(JSON.stringify(graph.serialize())));

LiteGraph.registerNodeType("foreign/fetcher", class extends LiteGraph.LGraphNode {});

/** All that a hostile file might reach. */
const reachable = () =>
  [Object, Array, Function, LGraph, LiteGraph.LGraphNode, ...Object.values(LiteGraph.registered_node_types)].map(
    (one) => Object.getOwnPropertyNames((one as { prototype: object }).prototype).sort(),
  );
let before: string[][];
beforeEach(() => {
  before = reachable();
});
afterEach(() => expect(reachable()).toEqual(before));

test("open takes a graph as text, as an object, as bytes and as a blob", async () => {
  const hash = contentHash(readDocument(text));
  for (const source of [text, JSON.parse(text), new TextEncoder().encode(text), new Blob([text])]) {
    const graph = new LGraph();
    await open(graph, source);
    expect(contentHash(sent(graph))).toBe(hash);
  }
});

test("open takes a picture that carries a graph, and says when it carries none", async () => {
  const plain = encodePng({ dims: [1, 1, 1, 3], data: new Uint8Array(3) });
  const graph = new LGraph();
  await open(graph, Buffer.concat(withText(plain, textChunk(graphKeyword, text))));
  expect(contentHash(sent(graph))).toBe(contentHash(readDocument(text)));
  await expect(open(graph, plain)).rejects.toThrow("it carries no graph");
  await expect(open(graph, plain.subarray(0, 30))).rejects.toThrow(DocumentError);
  expect(graph._nodes.length).toBeGreaterThan(5);
});

test("keys that a file may not have reach neither nodes nor graphs nor what they inherit", async () => {
  const hostile = `{
    "nodes": [{ "id": 1, "type": "guidegraph/subgraph", "configure": 1, "onExecute": "x", "__proto__": { "follow": 1 },
      "properties": { "__proto__": { "polluted": true }, "constructor": { "prototype": { "polluted": true } } },
      "subgraph": { "nodes": [], "links": [], "configure": 1, "__proto__": { "polluted": true } } }],
    "links": [], "start": "x", "__proto__": { "polluted": true }, "_nodes": "x",
    "extra": { "guidegraph": { "format": 1, "versions": { "__proto__": 2 } } } }`;
  const graph = new LGraph();
  await open(graph, hostile);
  const [node] = graph._nodes;
  expect([typeof node.configure, typeof (node as { onExecute?: unknown }).onExecute]).toEqual([
    "function",
    "undefined",
  ]);
  expect([typeof (graph as { start?: unknown }).start, graph._nodes.length]).toEqual(["function", 1]);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect((node.properties as { polluted?: unknown }).polluted).toBeUndefined();
  expect(Object.getPrototypeOf(node)).toBe(
    (LiteGraph.registered_node_types["guidegraph/subgraph"] as never as { prototype: object }).prototype,
  );
});

test("open refuses what has no place here, with the node, and leaves the graph as it is", async () => {
  const graph = new LGraph();
  added(graph, "number");
  const opened = (node: object, inner?: object) =>
    open(graph, {
      nodes: [{ id: 7, type: "guidegraph/subgraph", subgraph: inner ?? { nodes: [{ id: 3, ...node }], links: [] } }],
      links: [],
    });
  for (const type of ["foreign/fetcher", "constructor", "toString", "__proto__"])
    await expect(opened({ type })).rejects.toMatchObject({
      errors: [{ path: "7/3", message: expect.stringContaining(type) }],
    });
  const markup = "<img src=x onerror=alert(1)>";
  for (const node of [
    { type: `guidegraph/${markup}` },
    { type: "guidegraph/input", properties: { name: markup, kind: "tensor" } },
    { type: "guidegraph/input", properties: { name: "x", kind: markup } },
    { type: "guidegraph/unknown", inputs: [{ name: "x", type: markup }] },
    { type: "guidegraph/unknown", properties: { [markup]: 1 } },
  ])
    await expect(opened(node)).rejects.toThrow("HTML");
  let deep: object = { nodes: [], links: [] };
  for (let i = 0; i < 5000; i++) deep = { nodes: [{ id: 1, type: "guidegraph/subgraph", subgraph: deep }], links: [] };
  await expect(opened({}, deep)).rejects.toThrow(DocumentError);
  expect(graph._nodes.map(({ type }) => type)).toEqual(["guidegraph/number"]);
});

test("a node of a type that nobody knows is kept, and saved as it came", async () => {
  const graph = new LGraph();
  const node = { id: 4, type: "guidegraph/of-tomorrow", properties: { a: 1 }, inputs: [{ name: "x", type: "tensor" }] };
  await open(graph, { nodes: [node], links: [] });
  expect(graph._nodes[0].has_errors).toBe(true);
  expect(sent(graph).nodes[0]).toMatchObject({ id: 4, type: "guidegraph/of-tomorrow", properties: { a: 1 } });
});
