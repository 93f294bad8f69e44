import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type GraphErrors, type NodeStep, plan, upgrade } from "../../executor/index.ts";
import { readDocument, setParameter, writeDocument } from "../../graphs/document/index.ts";
import { defineNode, GraphError, nodes, port, type Registry, type Size } from "../../nodes/index.ts";
import { nothingKnown, toys } from "./toys.ts";

const fixture = () =>
  readDocument(readFileSync(new URL("../fixtures/documents/soften-version-1.json", import.meta.url), "utf8"));

/**
 * Version 1 took `picture`, gave `out`, and had its parameters `amount` (in percent) and `rounds`. Version 2 called them
 * x, `x`, `strength` and `times`; version 3 measures strength from 0 to 1.
 */
const soften = defineNode({
  type: "guidegraph/soften",
  version: 3,
  title: "Soften",
  category: "test",
  description: "A node with a past.",
  migrations: {
    1: { inputs: { picture: "x", amount: "strength", rounds: "times" }, outputs: { out: "x" } },
    2: { properties: ({ strength, ...rest }) => ({ ...rest, strength: Number(strength) / 100 }) },
  },
  inputs: {
    mask: port.tensor({ optional: true }),
    x: port.tensor(),
    strength: port.number({ default: 0, min: 0, max: 1 }),
    times: port.number({ default: 1, integer: true }),
  },
  outputs: { x: port.tensor(), edges: port.tensor() },
  run: ({ x }) => ({ x, edges: x }),
});
const registry: Registry = { ...toys().registry, "guidegraph/soften": soften };

test("a node of version 1 becomes one of version 3: slots, wires and parameters", () => {
  const document = upgrade(fixture(), registry);
  const node = document.nodes[2];
  expect(node.properties).toEqual({ strength: 0.25 });
  expect(node.inputs.map(({ name, type }) => [name, type])).toEqual([
    ["mask", "tensor"],
    ["x", "tensor"],
    ["times", "number"],
  ]);
  expect(node.outputs.map(({ name }) => name)).toEqual(["x", "edges"]);
  expect(document.links.map(({ output, input }) => [output, input])).toEqual([
    ["x", "x"],
    ["value", "times"],
    ["x", "x"],
  ]);
  expect(document.about.versions["guidegraph/soften"]).toBe(3);
});

test("the migrated graph is planned, and a graph inside takes the versions of the one around it", () => {
  const { steps } = plan(fixture(), registry, nothingKnown);
  expect((steps.find(({ path }) => path === "3") as NodeStep).inputs).toMatchObject({
    x: { from: "1", output: "x" },
    strength: { value: 0.25 },
    times: { from: "2", output: "value" },
  });
  const inner = fixture();
  const outer = {
    ...inner,
    nodes: [
      {
        ...inner.nodes[0],
        id: 9,
        type: "guidegraph/subgraph",
        properties: {},
        outputs: [],
        inner: { ...inner, about: { versions: {} } },
      },
    ],
    links: [],
  };
  expect(upgrade(outer, registry).nodes[0].inner?.nodes[2].properties).toEqual({ strength: 0.25 });
});

test("upgrading twice changes nothing more, also after writing and reading", () => {
  const once = upgrade(fixture(), registry);
  expect(upgrade(once, registry)).toEqual(once);
  expect(upgrade(readDocument(writeDocument(once)), registry)).toEqual(once);
});

test("a node written for a newer version than is known here is refused with both", () => {
  const old = { ...registry, "guidegraph/soften": { ...soften, version: 2 } };
  const document = upgrade(fixture(), registry);
  const problems: GraphError[] = [];
  expect(upgrade(document, old, problems).nodes[2].properties).toEqual({ strength: 0.25 });
  expect(problems).toEqual([expect.any(GraphError)]);
  expect(() => plan(document, old, nothingKnown)).toThrow("node 3: It was saved for version 3 of Soften, here is 2");
});

test("a slot that is gone stays while something is wired to it, and is told", () => {
  const { inputs: _, ...rest } = soften.migrations![1];
  const forgetful: Registry = {
    ...registry,
    "guidegraph/soften": { ...soften, migrations: { ...soften.migrations, 1: rest } },
  };
  expect(upgrade(fixture(), forgetful).nodes[2].inputs.map(({ name }) => name)).toEqual([
    "mask",
    "x",
    "picture",
    "rounds",
  ]);
  const errors = (() => {
    try {
      plan(fixture(), forgetful, nothingKnown);
    } catch (error) {
      return (error as GraphErrors).errors;
    }
  })();
  expect(errors?.map(({ path, port }) => [path, port])).toEqual([
    ["3", "picture"],
    ["3", "rounds"],
    ["3", "x"],
    ["3", "strength"],
  ]);
});

test("graphs from before pictures had a height and a width mean what they meant: squares", () => {
  const squares = readDocument(
    readFileSync(new URL("../fixtures/documents/squares-version-1.json", import.meta.url), "utf8"),
  );
  const unet = { channels: 3, height: 32, width: 32, classes: 10, predicts: "x0" as const, multiple: 4 };
  const stored = { content: "c", batch: 2, channels: 3, height: 24, width: 40 };
  const { steps } = plan(squares, nodes, { ...nothingKnown, network: () => unet, image: () => stored });
  const made = Object.fromEntries(
    (steps as NodeStep[]).flatMap(({ title, facts }) => {
      const { height, width } = (facts.x_T ?? facts.image ?? {}) as Size;
      return height === undefined ? [] : [[title, [height, width]]];
    }),
  );
  expect(made).toMatchObject({
    Typed: [16, 16],
    "From the model": [32, 32],
    Mask: [16, 16],
    Cut: [16, 16],
    "As it is": [24, 40],
  });
  for (const name of ["Typed.size", "Typed.height"]) {
    const set = upgrade(setParameter(squares, name, "8", nodes), nodes).nodes.find(({ title }) => title === "Typed")!;
    expect(set.properties).toMatchObject({ height: 8 });
    expect(set.properties).not.toHaveProperty("size");
  }
  const wired = (steps as NodeStep[]).find(({ title }) => title === "Wired")!;
  expect([wired.inputs.height, wired.inputs.width]).toMatchObject([{ from: "2", output: "number" }, { value: 0 }]);
});
