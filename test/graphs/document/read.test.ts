import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DocumentError, limits, type Problem, readDocument, writeDocument } from "../../../graphs/document/index.ts";
import { stock } from "./litegraph.ts";

const node = (id: number, rest: object = {}) => ({
  id,
  type: "guidegraph/add",
  inputs: [
    { name: "a", type: "tensor", link: null },
    { name: "b", type: "tensor", link: null },
  ],
  outputs: [{ name: "x", type: "tensor", links: null }],
  ...rest,
});
const file = (nodes: object[], links: unknown[] = [], rest: object = {}) => ({ nodes, links, ...rest });

function problemsOf(json: unknown): readonly Problem[] {
  try {
    readDocument(json);
  } catch (error) {
    if (error instanceof DocumentError) return error.errors;
    throw error;
  }
  return [];
}
const messageOf = (json: unknown): string =>
  problemsOf(json)
    .map(({ message }) => message)
    .join("\n");

describe("links are resolved by slot names", () => {
  const link = (inputs: object[], outputs: object[], entry: unknown[]) =>
    readDocument(file([node(1, { outputs }), node(2, { inputs })], [entry])).links;
  const joined = [{ id: 5, from: 1, output: "x", to: 2, input: "b" }];

  test("where slot and table agree", () => {
    const inputs = [
      { name: "a", link: null },
      { name: "b", link: 5 },
    ];
    expect(link(inputs, [{ name: "x", links: [5] }], [5, 1, 0, 2, 1, "tensor"])).toMatchObject(joined);
  });
  test("where an index is stale, because a slot moved", () => {
    const inputs = [{ name: "new" }, { name: "b", link: 5 }, { name: "a" }];
    expect(link(inputs, [{ name: "new" }, { name: "x", links: [5] }], [5, 1, 0, 2, 2, "tensor"])).toMatchObject(joined);
  });
  test("where only the table knows of the link", () => {
    expect(link([{ name: "a" }, { name: "b" }], [{ name: "x" }], [5, 1, 0, 2, 1])).toMatchObject(joined);
  });
});

test("litegraph's own forms of positions, sizes and flags are read", () => {
  const [read] = readDocument(
    file([
      node(1, { pos: { 0: 10, 1: 20 }, size: new Float32Array([140, 26]), flags: null, order: 3, widgets_values: [1] }),
    ]),
  ).nodes;
  expect(read).toMatchObject({ pos: [10, 20], size: [140, 26], mode: 0, look: {} });
  expect(Object.keys(read)).not.toContain("widgets_values");
  expect(read.kept).toMatchObject({ widgets_values: { raw: [1] } });
});

test("what litegraph serialises in memory is read as it is", () => {
  const graph = new stock.LGraph();
  const added = new stock.LGraphNode("Any");
  added.type = "other/any";
  graph.add(added);
  added.pos = [3, 4];
  expect(readDocument(graph.serialize()).nodes[0]).toMatchObject({ type: "other/any", pos: [3, 4] });
});

describe("sizes", () => {
  const nested = (depth: number) => JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`) as unknown;
  for (const depth of [33, 5_000, 1_000_000])
    test(`a document ${depth} levels deep is refused at once`, () => {
      const extra = nested(depth);
      const started = performance.now();
      expect(messageOf({ nodes: [], extra })).toContain("nested more than 32 levels");
      expect(performance.now() - started).toBeLessThan(2_000);
    });
  test("subgraphs may nest nine deep", () => {
    let graph: object = file([node(1)]);
    for (let i = 0; i < 9; i++) graph = file([{ id: 7, type: "guidegraph/subgraph", subgraph: graph }]);
    expect(problemsOf(graph)).toEqual([]);
    for (let i = 0; i < 24; i++) graph = file([{ id: 7, type: "guidegraph/subgraph", subgraph: graph }]);
    expect(messageOf(graph)).toContain("32 levels");
  });
  test.each([
    ["nodes", file(Array.from({ length: limits.nodes + 1 }, (_, i) => node(i))), "more than 2000 nodes"],
    [
      "links",
      file(
        [],
        Array.from({ length: limits.links + 1 }, () => []),
      ),
      "more than 10000 links",
    ],
    ["a text", file([node(1, { title: "x".repeat(limits.string + 1) })]), "a text has 65537 characters"],
    ["a list", file([], [], { extra: { list: new Array(1_000_000).fill(0) } }), "1000000 entries"],
    ["the text", `{"nodes":[],"x":"${"x".repeat(limits.text)}"}`, "its text has"],
  ])("too much of %s is refused with the limit", (_, json, message) => {
    expect(messageOf(json)).toContain(message);
  });
  test("nodes are counted in all nested graphs together", () => {
    const half = Array.from({ length: 1_000 }, (_, i) => node(i + 1));
    const inner = { id: 5_000, type: "guidegraph/subgraph", subgraph: file(half) };
    expect(messageOf(file([...half, inner]))).toContain("more than 2000 nodes");
  });
});

describe("keys through which an object's class can be reached", () => {
  const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"];
  test.each(names)("%s is plain data or gone", (name) => {
    const before = Object.getOwnPropertyNames(Object.prototype).join();
    const json = `{"${name}":{"polluted":1},"nodes":[{"id":1,"type":"${name}","title":"${name}","${name}":{"polluted":1},
      "properties":{"${name}":{"polluted":1},"list":[{"${name}":{"polluted":1}}]},"inputs":[{"name":"${name}","type":"${name}","link":2}],
      "outputs":[{"name":"${name}","type":"x","links":[2]}]}],"links":[[2,1,0,1,0,"x"]],
      "extra":{"guidegraph":{"format":1,"versions":{"${name}":1}},"${name}":{"polluted":1}}}`;
    const document = readDocument(json);
    const [read] = document.nodes;
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
    expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
    for (const object of [document, read, read.properties, document.about.versions]) {
      expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
      if (names.indexOf(name) < 3) expect(Object.hasOwn(object, name)).toBe(false);
    }
    expect(document.links).toMatchObject([{ id: 2, from: 1, output: name, to: 1, input: name }]);
    expect(readDocument(writeDocument(document))).toEqual(document);
  });

  test("methods and fields of litegraph's classes are not copied", () => {
    const document = readDocument(
      file([node(1, { onExecute: "alert(1)", configure: {}, graph: 1, flags: null })], [], {
        start: "x",
        onSerialize: 1,
      }),
    );
    const written = JSON.stringify(writeDocument(document));
    for (const key of ["onExecute", "configure", "start", "onSerialize"]) expect(written).not.toContain(key);
  });
});

describe("what is wrong is listed with node and port", () => {
  const [a, b] = [node(1), node(2)];
  test.each<[string, object, Partial<Problem>]>([
    ["a mode that is none", file([node(1, { mode: "x" })]), { path: "1" }],
    ["links that are no list", file([a], "x" as unknown as unknown[]), { message: expect.stringContaining("links") }],
    ["an id that is text", file([{ ...a, id: "1" }]), { path: "1", message: expect.stringContaining("id") }],
    ["two nodes of one id", file([a, node(1)]), { path: "1", message: "Two nodes have the id 1" }],
    [
      "a link from a missing node",
      file([b], [[1, 9, 0, 2, 0, ""]]),
      { path: "2", port: "a", message: "Link 1 comes from node 9, which is not there" },
    ],
    ["a link to a missing node", file([a], [[1, 1, 0, 9, 0, ""]]), { path: "1", port: "x" }],
    [
      "a link to a missing slot",
      file([a, b], [[1, 1, 0, 2, 7, ""]]),
      { path: "2", message: "Link 1 enters input 7, which is not there" },
    ],
    [
      "a link twice",
      file(
        [a, b],
        [
          [1, 1, 0, 2, 0],
          [1, 1, 0, 2, 1],
        ],
      ),
      { path: "2", message: "Link 1 is there twice" },
    ],
    [
      "two links into one input",
      file(
        [a, b],
        [
          [1, 1, 0, 2, 0],
          [2, 1, 0, 2, 0],
        ],
      ),
      { path: "2", port: "a" },
    ],
    [
      "a link id beyond the limit",
      file([a, b], [[4294967294, 1, 0, 2, 0]]),
      { message: expect.stringContaining("links") },
    ],
    ["a negative link id", file([a, b], [[-1, 1, 0, 2, 0]]), { message: expect.stringContaining("links") }],
    ["a broken link id", file([a, b], [[1.5, 1, 0, 2, 0]]), { message: expect.stringContaining("links") }],
    [
      "a property of an inner node",
      file([{ id: 7, type: "guidegraph/subgraph", subgraph: file([node(3, { mode: 9 })]) }]),
      { path: "7/3" },
    ],
    ["a place at infinity", file([node(1, { pos: [Number.POSITIVE_INFINITY, 0] })]), { path: "1" }],
    [
      "a format of the future",
      file([], [], { extra: { guidegraph: { format: 99 } } }),
      { message: expect.stringContaining("newer GuideGraph") },
    ],
  ])("%s", (_, json, problem) => {
    expect(problemsOf(json)).toEqual([expect.objectContaining(problem)]);
  });

  test("names from the file come on one line and not at length", () => {
    const name = "\u001b[2J\n".repeat(5_000);
    const links = [
      [1, 1, 0, 2, 0],
      [2, 1, 0, 2, 0],
    ];
    const [{ message, port }] = problemsOf(file([node(1), node(2, { inputs: [{ name }] })], links));
    expect(message).toMatch(/^[^\p{Cc}]{20,600}$/u);
    expect(port).toMatch(/^[^\p{Cc}]{1,101}$/u);
  });

  test("every problem of a document is told, up to 50", () => {
    expect(problemsOf(file([node(1, { mode: 7 }), node(2, { mode: 8 })])).map(({ path }) => path)).toEqual(["1", "2"]);
    expect(problemsOf(file(Array.from({ length: 80 }, (_, i) => node(i, { mode: 7 }))))).toHaveLength(50);
  });

  test.each([null, 3, "x", [], "[]", "{", "", { nodes: 3 }, { links: [] }])("%j is no graph", (json) => {
    expect(messageOf(json)).toMatch(/^Cannot read/);
  });
});

test("no mutation of a good file makes anything but a DocumentError", () => {
  const good = JSON.stringify(
    file([node(1), node(2, { properties: { scale: 2 } })], [[1, 1, 0, 2, 0, "tensor"]], {
      extra: { guidegraph: { format: 1 } },
    }),
  );
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(8), (at, byte, cut) => {
      const text = good.slice(0, at) + String.fromCharCode(byte) + good.slice(at + cut);
      expect(() => problemsOf(text)).not.toThrow();
    }),
    { numRuns: 2_000 },
  );
});

test("no JSON value makes anything but a DocumentError", () => {
  const key = fc.constantFrom(
    "nodes",
    "links",
    "extra",
    "guidegraph",
    "id",
    "type",
    "inputs",
    "subgraph",
    "properties",
    "pos",
  );
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie("value")),
      fc.dictionary(key, tie("value")),
    ),
  })).value;
  fc.assert(
    fc.property(json, (value) => {
      expect(() => problemsOf(value)).not.toThrow();
    }),
    { numRuns: 300 },
  );
});
