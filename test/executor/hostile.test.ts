import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { GraphErrors, type KnownModels, plan } from "../../executor/index.ts";
import {
  DocumentError,
  documentBuilder,
  type GraphDocument,
  type LevelBuilder,
  readDocument,
  type Wire,
} from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { toys } from "./toys.ts";

const { registry } = toys();

const folder = new URL("../../graphs/", import.meta.url);
const good = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name) => readFileSync(new URL(name, folder), "utf8"))
  .map((text) => JSON.stringify(JSON.parse(text)));

/** Any file is a network or holds pictures of 32×32. */
const known: KnownModels = {
  network: (role) =>
    role === "unet"
      ? { height: 32, width: 32, channels: 3, classes: 11, nullLabel: 10, predicts: "x0", learnSigma: true }
      : { height: 32, width: 32, channels: 3, classes: 10 },
  image: (id) => ({ height: 32, width: 32, channels: 3, batch: 2048, content: id }),
  tensor: () => ({ type: "float32", dims: [2, 3, 4, 4], content: "array" }),
};

/** Reads and plans; whatever is wrong must be told as one of the two errors that list it. */
function attempt(text: string): "runs" | "is refused" {
  try {
    plan(readDocument(text), nodes, known);
    return "runs";
  } catch (error) {
    if (error instanceof DocumentError || error instanceof GraphErrors) {
      expect(error.errors.length).toBeGreaterThan(0);
      for (const { message } of error.errors) expect(message.length).toBeLessThan(2_000);
      return "is refused";
    }
    throw error;
  }
}

test("the graphs themselves can run", () => {
  expect(good.length).toBeGreaterThan(3);
  for (const text of good) expect(attempt(text)).toBe("runs");
});

test("a graph with changed bytes runs or is refused with what is wrong", () => {
  const edit = fc.record({
    graph: fc.nat(good.length - 1),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    put: fc.string({ maxLength: 3 }),
    cut: fc.nat(4),
  });
  const outcomes = new Set<string>();
  fc.assert(
    fc.property(edit, ({ graph, at, put, cut }) => {
      const text = good[graph];
      const position = Math.floor(at * text.length);
      outcomes.add(attempt(text.slice(0, position) + put + text.slice(position + cut)));
    }),
    { numRuns: 300 },
  );
  expect(outcomes).toEqual(new Set(["runs", "is refused"]));
});

test("a graph with any value exchanged runs or is refused with what is wrong", () => {
  const names = [
    "__proto__",
    "constructor",
    "toString",
    "x",
    "value",
    "step",
    "tensor",
    "guidegraph/subgraph",
    "down",
    "",
  ];
  const value = fc.oneof(
    fc.constantFrom<unknown>(...names, null, -1, 0, 1, 2, 4, 1e9, [], {}),
    fc.jsonValue({ maxDepth: 2 }),
  );
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(), value, (graph, pick, value) => {
      const json = JSON.parse(good[graph]);
      const places = placesIn(json);
      const [object, key] = places[pick % places.length];
      object[key] = value;
      attempt(JSON.stringify(json));
    }),
    { numRuns: 300 },
  );
});

/** Every place in a JSON value that holds another. */
function placesIn(root: object): [Record<string, unknown>, string][] {
  const places: [Record<string, unknown>, string][] = [];
  const open: unknown[] = [root];
  for (let object = open.pop(); object !== undefined; object = open.pop())
    if (typeof object === "object" && object !== null)
      for (const [key, inner] of Object.entries(object)) {
        places.push([object as Record<string, unknown>, key]);
        open.push(inner);
      }
  return places;
}

test("names that every object has are names like any other", () => {
  const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"];
  const slot = (name: string) => ({ name, type: "tensor", link: null });
  for (const name of names) {
    const document: GraphDocument = readDocument({
      nodes: [
        { id: 1, type: name, outputs: [slot(name)] },
        { id: 2, type: "guidegraph/add", inputs: [slot(name), slot("a")], properties: { [name]: 1 } },
        { id: 3, type: "guidegraph/input", properties: { name, kind: name }, outputs: [slot("value")] },
        {
          id: 4,
          type: "guidegraph/subgraph",
          subgraph: { nodes: [{ id: 1, type: "guidegraph/output", properties: { name, kind: "tensor" } }], links: [] },
        },
      ],
      links: [
        [1, 1, 0, 2, 0, "tensor"],
        [2, 3, 0, 2, 1, "tensor"],
      ],
    });
    expect(() => plan(document, nodes, known)).toThrow(GraphErrors);
  }
  expect(Object.keys(Object.prototype)).toEqual([]);
});

/** Loops inside loops, each of so many steps; the innermost adds. */
function nested(depth: number, count: number): GraphDocument {
  const graph = documentBuilder(registry);
  const schedule = graph.add("guidegraph/schedule", { count }).out("schedule");
  const x = graph.add("guidegraph/constant", { value: 1 }).out("x");
  const loop = (outer: LevelBuilder, schedule: Wire, x: Wire, left: number): Wire =>
    outer
      .loop(`Loop ${left}`, { schedule, x, s: schedule }, (body) => {
        const [x, s] = [body.input("x", "tensor"), body.input("s", "schedule")];
        body.output(
          "x",
          "tensor",
          left === 1 ? body.add("guidegraph/add", { a: x, b: x }).out("x") : loop(body, s, x, left - 1),
        );
      })
      .out("x");
  graph.add("guidegraph/show", { x: loop(graph, schedule, x, depth) });
  return graph.document();
}

test("loops that multiply to more than can be run are refused before the run, at a loop", () => {
  expect(() => plan(nested(2, 100), registry, known)).not.toThrow();
  for (const [depth, count] of [
    [2, 100_000],
    [4, 1000],
    [8, 1000],
  ])
    expect(() => plan(nested(depth, count), registry, known)).toThrow(
      /It would call nodes 1\.0e\+\d+ times in a batch/,
    );
});
