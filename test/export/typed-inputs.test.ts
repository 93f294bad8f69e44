/** A value that is set on what holds a graph, for an input of that graph: it counts as a wire's does, whatever it feeds inside. */
import { afterAll, expect, test } from "vitest";
import {
  type GraphDocument,
  type GraphNode,
  type InnerBuilder,
  type LevelBuilder,
  portsOf,
  setParameter,
  type Wire,
} from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { networks } from "../support/drawn.ts";
import { expectTensor, exportOf, kept, ran, type Start, start } from "../support/exported.ts";

afterAll(() => networks.close());

type Zeta = Wire | number;
type Consume = (inner: InnerBuilder, x: Wire, zeta: Wire) => Wire;

const times = (inner: LevelBuilder, a: Wire, b: Wire | number) =>
  inner.add("guidegraph/formula", { formula: "a * b", a, b }).out("tensor");
const scaled = (inner: LevelBuilder, tensor: Wire, scale: Wire) =>
  inner.add("guidegraph/scale", { tensor, scale }).out("tensor");

const consumers: Readonly<Record<string, Consume>> = {
  "a letter": times,
  "a parameter": scaled,
  "a letter, then a parameter": (inner, x, zeta) => scaled(inner, times(inner, x, zeta), zeta),
  "a parameter, then a letter": (inner, x, zeta) => times(inner, scaled(inner, x, zeta), zeta),
  "a letter behind a reroute": (inner, x, value) =>
    times(inner, x, inner.add("guidegraph/reroute", { value }).out("value")),
};

const bordered = (consume: Consume) => (inner: InnerBuilder) =>
  inner.output("x", "tensor", consume(inner, inner.input("x", "tensor"), inner.input("zeta", "number")));

/** What leaves, of the structure's titled "Holder", which is given zeta. */
const structures: Readonly<Record<string, (from: Start, zeta: Zeta, consume: Consume) => Wire>> = {
  subgraph: ({ b, x }, zeta, consume) => b.subgraph("Holder", { x, zeta }, bordered(consume)).out("x"),
  loop: ({ b, x, schedule }, zeta, consume) => b.loop("Holder", { schedule, x, zeta }, bordered(consume)).out("x"),
  Differentiate: ({ b, x }, zeta, consume) => {
    const d = b.differentiate("Holder", { x, zeta, of: "loss", by: "x" }, (inner) => {
      const tensor = consume(inner, inner.input("x", "tensor"), inner.input("zeta", "number"));
      inner.output("loss", "tensor", inner.add("guidegraph/reduce", { tensor, by: "sum" }).out("tensor"));
    });
    return d.out("gradient");
  },
  "subgraph in a subgraph": ({ b, x }, zeta, consume) =>
    b
      .subgraph("Holder", { x, zeta }, (outer) => {
        const given = { x: outer.input("x", "tensor"), zeta: outer.input("zeta", "number") };
        outer.output("x", "tensor", outer.subgraph("Inner", given, bordered(consume)).out("x"));
      })
      .out("x"),
  "Differentiate in a loop": ({ b, x, schedule }, zeta, consume) =>
    b
      .loop("Holder", { schedule, x, zeta }, (body) => {
        const given = { x: body.input("x", "tensor"), zeta: body.input("zeta", "number"), of: "loss", by: "x" };
        const d = body.differentiate("Inner", given, (inner) => {
          const tensor = consume(inner, inner.input("x", "tensor"), inner.input("zeta", "number"));
          inner.output("loss", "tensor", inner.add("guidegraph/reduce", { tensor, by: "sum" }).out("tensor"));
        });
        body.output("x", "tensor", body.add("guidegraph/add", { a: given.x, b: d.out("gradient") }).out("tensor"));
      })
      .out("x"),
};

const cases = Object.keys(structures).flatMap((structure) =>
  Object.keys(consumers).map((consumer) => [structure, consumer] as const),
);
const holderOf = (document: GraphDocument) => document.nodes.find(({ title }) => title === "Holder") as GraphNode;

const built = (structure: string, consumer: string, zeta: (from: Start) => Zeta): GraphDocument => {
  const from = start();
  return kept(from, structures[structure](from, zeta(from), consumers[consumer]));
};
const typed = (structure: string, consumer: string) => built(structure, consumer, () => 0.5);
const wired = (structure: string, consumer: string, value: number) =>
  built(structure, consumer, ({ b }) => b.add("guidegraph/number", { value }).out("number"));

test.each(cases)("a number set on a %s for %s is a parameter, and what a Number there is", async (...one) => {
  const document = typed(...one);
  const node = holderOf(document);
  expect(node.inputs.map(({ name }) => name)).not.toContain("zeta");
  expect(node.properties.zeta).toBe(0.5);
  expect(portsOf(node, nodes)?.inputs.zeta).toMatchObject({ kind: "number", parameter: {} });
  expect((await ran(document)).tensor).toEqual((await ran(wired(...one, 0.5))).tensor);
});

test.each(Object.keys(structures))(
  "a number set on a %s is turned by its name, and leaves in an export",
  async (one) => {
    const consumer = "a letter, then a parameter";
    const document = typed(one, consumer);
    const turned = setParameter(document, "Holder.zeta", "0.25", nodes);
    expect((await ran(turned)).tensor).toEqual((await ran(wired(one, consumer, 0.25))).tensor);
    await expectTensor(await exportOf(document), wired(one, consumer, 0.5));
  },
);

test("a number set on a Formula for a letter of it counts too", async () => {
  const [typed, wired] = [start(), start()];
  const { tensor } = await ran(kept(typed, times(typed.b, typed.x, 0.5)));
  const number = wired.b.add("guidegraph/number", { value: 0.5 }).out("number");
  expect(tensor).toEqual((await ran(kept(wired, times(wired.b, wired.x, number)))).tensor);
});

test("what is neither set nor wired is asked for, and can be set by its name", async () => {
  const from = start();
  const x = from.b.subgraph("Holder", { x: from.x }, bordered(times)).out("x");
  const document = kept(from, x);
  await expect(ran(document)).rejects.toThrow("The formula reads b: wire it");
  expect(holderOf(document).inputs.map(({ name }) => name)).toEqual(["x", "zeta"]);
  const set = setParameter(document, "Holder.zeta", "2", nodes);
  const other = start();
  const expected = kept(other, times(other.b, other.x, 2));
  expect((await ran(set)).tensor).toEqual((await ran(expected)).tensor);
});

test("what only a wire brings is not set", () => {
  const { b, x } = start();
  const holder = (given: object) => () => b.subgraph("Holder", { x, ...given }, bordered(times));
  expect(holder({ x: 2 })).toThrow('Cannot add Holder: "x" takes a tensor, so wire it');
  expect(() => b.add("guidegraph/scale", { tensor: 2 })).toThrow('Cannot add Scale: "tensor" takes a tensor');
});
