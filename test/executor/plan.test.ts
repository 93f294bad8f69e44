import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GraphErrors, type NodeStep, type PlanStep, plan } from "../../executor/index.ts";
import { documentBuilder, type GraphDocument, type GraphNode } from "../../graphs/document/index.ts";
import { defineNode, port } from "../../nodes/index.ts";
import { eventsOf, nothingKnown, toys } from "./toys.ts";

const { registry } = toys();
const planned = (document: GraphDocument, targets?: string[]) => plan(document, registry, nothingKnown, targets);

/** "1/2, x: message" for each problem. */
function problemsOf(document: GraphDocument, targets?: string[]): string[] {
  try {
    planned(document, targets);
  } catch (error) {
    if (error instanceof GraphErrors)
      return error.errors.map(
        ({ path, port, message }) => `${path}${port === undefined ? "" : `, ${port}`}: ${message}`,
      );
    throw error;
  }
  return [];
}

/** A document from bare nodes and "from.output to.input" wires, as a file by other hands may have it. */
function bare(nodes: Record<number, string | Partial<GraphNode>>, wires: readonly string[]): GraphDocument {
  return {
    nodes: Object.entries(nodes).map(([id, node]) => ({
      ...{ id: Number(id), mode: 0, properties: {}, inputs: [], outputs: [], pos: [0, 0], size: [0, 0], look: {} },
      ...(typeof node === "string" ? { type: node } : { type: "guidegraph/add", ...node }),
    })),
    links: wires.map((wire, i) => {
      const [from, output, to, input] = wire.split(/[. ]/);
      return { id: i + 1, from: Number(from), output, to: Number(to), input };
    }),
    groups: [],
    about: { versions: {} },
  };
}
const add = "guidegraph/add";
const constant = "guidegraph/constant";
const show = "guidegraph/show";

describe("a plan", () => {
  test("has each node after what feeds it, with its facts and sources", () => {
    const { steps, targets } = planned(bare({ 1: show, 2: add, 3: constant }, ["2.x 1.x", "3.x 2.a"]));
    expect(targets).toEqual(["1"]);
    expect(steps.map(({ path }) => path)).toEqual(["3", "2", "1"]);
    const [made, sum] = steps as NodeStep[];
    expect(made).toMatchObject({ title: "Constant", inputs: { value: { value: 0 }, size: { value: 8 } } });
    expect(sum).toMatchObject({ inputs: { a: { from: "3", output: "x" } }, facts: { x: { height: 8, width: 8 } } });
    expect(sum.inputs).not.toHaveProperty("b");
  });

  test("to a node holds its ancestors and nothing else, whatever is wrong elsewhere", () => {
    const document = bare({ 1: constant, 2: add, 3: show, 4: "no/such", 5: add }, ["1.x 2.a", "2.x 3.x", "4.x 5.a"]);
    expect(planned(document, ["2"]).steps.map(({ path }) => path)).toEqual(["1", "2"]);
    expect(problemsOf(document, ["5"])).toEqual(['4: The node type "no/such" is unknown here']);
    expect(problemsOf(document, ["77"])).toEqual(["77: Cannot run to node 77: no node that runs has this path"]);
  });

  test("without any node that shows or saves is refused", () => {
    expect(problemsOf(bare({ 1: constant }, []))).toEqual([
      "undefined: Nothing to run: no node shows or saves anything",
    ]);
  });

  test("of a random graph is in topological order and runs every node once", async () => {
    const graphs = fc.array(fc.tuple(fc.nat(), fc.option(fc.nat())), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(graphs, fc.nat(), async (nodes, seed) => {
        const shuffled = (i: number) => ((i * 7919 + seed) % 100_003) + 1;
        const ids = nodes.map((_, i) => shuffled(i));
        const wires = nodes.flatMap(([a, b], i) =>
          i === 0 ? [] : [`${ids[a % i]}.x ${ids[i]}.a`, ...(b === null ? [] : [`${ids[b % i]}.x ${ids[i]}.b`])],
        );
        const types = Object.fromEntries(ids.map((id, i) => [id, i === 0 ? constant : add]));
        const fresh = toys();
        const all = ids.map(String);
        const { steps } = plan(bare(types, wires), fresh.registry, nothingKnown, all);
        expect(steps.map(({ path }) => path).sort()).toEqual([...all].sort());
        const position = new Map(steps.map(({ path }, i) => [path, i]));
        for (const step of steps as NodeStep[])
          for (const source of Object.values(step.inputs))
            if ("from" in source) expect(position.get(source.from)).toBeLessThan(position.get(step.path) as number);
        await eventsOf({ steps, targets: all });
        expect(fresh.calls).toHaveLength(ids.length);
      }),
      { numRuns: 100 },
    );
  });
});

describe("refused with node and port", () => {
  test.each<[string, GraphDocument, string[]]>([
    ["a missing input", bare({ 1: show }, []), ['1, x: Show needs "x": nothing is wired to it']],
    [
      "a wire of another kind",
      bare({ 1: "guidegraph/labels", 2: show }, ["1.labels 2.x"]),
      ['2, x: It takes tensor, but "labels" of Labels (1) is labels'],
    ],
    [
      "an unknown node",
      bare({ 1: "clip/loss", 2: show }, ["1.x 2.x"]),
      ['1: The node type "clip/loss" is unknown here'],
    ],
    [
      "a type that every object has",
      bare({ 1: "constructor", 2: show }, ["1.x 2.x"]),
      ['1: The node type "constructor" is unknown here'],
    ],
    [
      "a slot that is gone",
      bare({ 1: constant, 2: show, 3: add }, ["1.y 2.x", "1.x 3.a", "1.x 3.c"]),
      ['1, y: Constant has no output "y": it has x', '3, c: Add has no input "c": it has a, b'],
    ],
    ["a node wired to itself", bare({ 1: add, 2: show }, ["1.x 1.a", "1.x 2.x"]), ["1: A cycle: Add (1) → Add (1)"]],
    [
      "a cycle",
      bare({ 1: add, 2: { title: "Second" }, 3: show, 4: constant }, ["1.x 2.a", "2.x 1.a", "2.x 3.x", "4.x 1.b"]),
      ["2: A cycle: Second (2) → Add (1) → Second (2)"],
    ],
    [
      "what a node's own inference refuses",
      bare({ 1: constant, 2: { type: constant, properties: { size: 16 } }, 3: add, 4: show }, [
        "1.x 3.a",
        "2.x 3.b",
        "3.x 4.x",
      ]),
      ["3, b: It adds size 8 and 16"],
    ],
  ])("%s", (_, document, problems) => {
    expect(problemsOf(document)).toEqual(problems);
  });

  test.each([
    ["size", 0, "size: It must be a whole number from 1 to 64, not 0"],
    ["size", 65536 ** 2, "size: It must be a whole number from 1 to 64, not 4294967296"],
    ["size", 1.5, "size: It must be a whole number from 1 to 64, not 1.5"],
    ["size", "1e3", 'size: It must be a whole number from 1 to 64, not "1e3"'],
    ["value", Number.NaN, "value: It must be a number, not NaN"],
    ["value", Number.POSITIVE_INFINITY, "value: It must be a number, not Infinity"],
    ["value", [1], "value: It must be a number, not [1]"],
    ["value", null, "value: It must be a number, not null"],
  ])("the parameter %s of %s", (name, value, problem) => {
    const document = bare({ 1: { type: constant, properties: { [name]: value } }, 2: show }, ["1.x 2.x"]);
    expect(problemsOf(document)).toEqual([`1, ${problem}`]);
  });

  test("a choice that is none and a boolean that is none", () => {
    const document = bare(
      { 1: { type: "guidegraph/labels", properties: { mode: "three", on: 1 } }, 2: constant, 3: show },
      ["2.x 3.x"],
    );
    expect(problemsOf(document)).toEqual([
      '1, mode: It must be one of "one", "two", not "three"',
      "1, on: It must be true or false, not 1",
    ]);
  });

  test("every problem of a graph at once, and none that follows from another", () => {
    const document = bare(
      { 1: "a/b", 2: add, 3: add, 4: show, 5: { type: constant, properties: { size: -1 } }, 6: show },
      ["1.x 2.a", "2.x 3.a", "3.x 4.x", "5.x 6.x"],
    );
    expect(problemsOf(document)).toEqual([
      '1: The node type "a/b" is unknown here',
      "5, size: It must be a whole number from 1 to 64, not -1",
    ]);
  });

  test("in one line, whatever a title holds", () => {
    const title = `${"\u001b[31mlong\n".repeat(9_000)}`;
    const document = bare({ 1: { type: show, title }, 2: { type: `a\u0007b${title}` } }, []);
    const problems = problemsOf(document);
    expect(problems).toHaveLength(2);
    for (const problem of problems) expect(problem).toMatch(/^[^\p{Cc}]{20,600}$/u);
  });

  test("more than fifty problems are counted", () => {
    const document = bare(Object.fromEntries(Array.from({ length: 70 }, (_, i) => [i + 1, show])), []);
    expect(problemsOf(document)).toHaveLength(50);
    expect(() => planned(document)).toThrow("and 20 problems more");
  });
});

describe("bypassed and muted nodes", () => {
  const chain = (node: Partial<GraphNode>) =>
    bare({ 1: { type: constant, properties: { value: 7 } }, 2: node, 3: show }, ["1.x 2.x", "2.x 3.x"]);
  const scale = { type: "guidegraph/scale" };

  test("a bypassed node gives what enters its first input of the output's kind", () => {
    const { steps } = planned(chain({ ...scale, mode: 4 }));
    expect(steps.map(({ path }) => path)).toEqual(["1", "3"]);
    expect((steps[1] as NodeStep).inputs).toEqual({ x: { from: "1", output: "x" } });
  });

  test("a bypassed node without such an input gives nothing", () => {
    const document = bare({ 1: { type: "guidegraph/index", mode: 4 }, 2: show }, ["1.x 2.x"]);
    expect(problemsOf(document)).toEqual([
      "2, x: It is fed by Index (1), which is bypassed and has no input of kind tensor",
    ]);
  });

  test("a muted node is absent: an optional input goes without, a needed one is refused", () => {
    const document = (input: string) =>
      bare({ 1: constant, 2: { type: constant, mode: 2 }, 3: add, 4: show }, [
        `1.x 3.${input === "a" ? "b" : "a"}`,
        `2.x 3.${input}`,
        "3.x 4.x",
      ]);
    expect(planned(document("b")).steps.map(({ path }) => path)).toEqual(["1", "3", "4"]);
    expect(problemsOf(document("a"))).toEqual(["3, a: It is fed by Constant (2), which is muted"]);
  });

  test("a muted node may be wrong in itself", () => {
    expect(problemsOf(bare({ 1: constant, 2: show, 3: { type: "no/such", mode: 2 } }, ["1.x 2.x"]))).toEqual([]);
  });

  test("ten thousand bypassed nodes are looked through", () => {
    const nodes = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [i + 2, { ...scale, mode: 4 as const }]));
    const wires = Array.from({ length: 10_001 }, (_, i) => `${i + 1}.x ${i + 2}.x`);
    const { steps } = planned(bare({ ...nodes, 1: constant, 10002: show }, wires));
    expect(steps.map(({ path }) => path)).toEqual(["1", "10002"]);
  });

  test("bypassed nodes that feed each other are a cycle", () => {
    const around = bare({ 1: { ...scale, mode: 4 }, 2: { ...scale, mode: 4 }, 3: show }, [
      "1.x 2.x",
      "2.x 1.x",
      "2.x 3.x",
    ]);
    expect(problemsOf(around)).toEqual([expect.stringContaining("A cycle: Scale")]);
  });
});

describe("large graphs", () => {
  test("a chain of ten thousand nodes is planned and run", async () => {
    const n = 10_000;
    const nodes = Object.fromEntries(
      Array.from({ length: n }, (_, i) => [i + 1, i === 0 ? constant : i === n - 1 ? show : add]),
    );
    const wires = Array.from({ length: n - 1 }, (_, i) => `${i + 1}.x ${i + 2}.${i === n - 2 ? "x" : "a"}`);
    const document = bare(nodes, wires);
    const { steps } = planned({ ...document, nodes: [...document.nodes].reverse() });
    expect(steps).toHaveLength(n);
    expect((await eventsOf({ steps, targets: [`${n}`] })).length).toBeGreaterThan(2 * n);
  });

  test("a cycle of a thousand nodes is named without listing all", () => {
    const nodes = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [i + 1, add]));
    const wires = Array.from({ length: 1_000 }, (_, i) => `${i + 1}.x ${((i + 1) % 1_000) + 1}.a`);
    const [problem] = problemsOf(bare(nodes, wires));
    expect(problem).toContain("… 993 more …");
  });

  test("a diamond of depth 40 runs each node once", async () => {
    const fresh = toys();
    const nodes = Object.fromEntries(Array.from({ length: 41 }, (_, i) => [i + 1, i === 0 ? constant : add]));
    const wires = Array.from({ length: 40 }, (_, i) => [`${i + 1}.x ${i + 2}.a`, `${i + 1}.x ${i + 2}.b`]).flat();
    const started = performance.now();
    await eventsOf(plan(bare({ ...nodes, 42: show }, [...wires, "41.x 42.x"]), fresh.registry, nothingKnown));
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(fresh.calls).toHaveLength(41);
  });
});

test("content keys depend on type, parameters, inputs and facts, not on ids, titles or places", () => {
  const keyOf = (value: number, rest: object = {}, id = 2) => {
    const document = bare({ [id]: { type: constant, properties: { value }, ...rest }, 9: show }, [`${id}.x 9.x`]);
    return (planned(document).steps as PlanStep[]).map(({ key }) => key);
  };
  expect(keyOf(1)).toEqual(keyOf(1, { title: "Other", pos: [5, 5] }, 3));
  expect(keyOf(1)[0]).not.toBe(keyOf(2)[0]);
  expect(keyOf(1)[1]).not.toBe(keyOf(2)[1]);
  expect(keyOf(1)[0]).toMatch(/^[0-9a-f]{64}$/);
});

test("content keys depend on the content of files, and on nothing older where a wire names the file", () => {
  const load = defineNode({
    ...{ type: "guidegraph/load", version: 1, title: "Load", category: "test", description: "Loads." },
    inputs: { file: port.text({ default: "a.png", file: "image" }) },
    outputs: { x: port.tensor() },
    infer: (_, known) => {
      const file = known.parameter("file");
      if (typeof file === "string") known.image(file);
      return {};
    },
    run: () => ({ x: { dims: [0], data: new Float32Array() } }),
  });
  const keyOf = (content: string, wires: string[] = []) => {
    const document = bare({ 1: "guidegraph/load", 2: "guidegraph/word", 3: show }, ["1.x 3.x", ...wires]);
    const image = () => ({ content, height: 8, width: 8 });
    const { steps } = plan(document, { ...registry, [load.type]: load }, { ...nothingKnown, image });
    return steps.find(({ path }) => path === "1")?.key;
  };
  expect(keyOf("one")).toBe(keyOf("one"));
  expect(keyOf("one")).not.toBe(keyOf("two"));
  expect(keyOf("one", ["2.value 1.file"])).not.toBe(keyOf("one", ["2.value 1.file"]));
});

test("a graph by other hands needs no slots: links name them", () => {
  const graph = documentBuilder(registry);
  const a = graph.add(constant);
  graph.add(show, { x: a.out("x") });
  const built = graph.document();
  const slotless = { ...built, nodes: built.nodes.map((node) => ({ ...node, inputs: [], outputs: [] })) };
  expect(planned(slotless)).toEqual(planned(built));
});
