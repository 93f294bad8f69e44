/** Numbers that are typed in a graph: inputs of its export, or built in. */
import { afterAll, describe, expect, test } from "vitest";
import { type Exported, exportedPorts } from "../../export/index.ts";
import type { GraphDocument, Wire } from "../../graphs/document/index.ts";
import { type AnyNode, defineNode, nodes, port, type Registry } from "../../nodes/index.ts";
import { networks, side } from "../support/drawn.ts";
import {
  expectTensor,
  exportOf,
  kept,
  loopOf,
  planned,
  predicted,
  type Start,
  start,
  surroundings,
} from "../support/exported.ts";

afterAll(() => networks.close());

describe("a number that is typed", () => {
  type Read = (from: Start, n: Wire) => Wire;
  const scaled = ({ b, x }: Start, scale: Wire) => b.add("guidegraph/scale", { tensor: x, scale }).out("tensor");
  const typed = (read: Read, value: number, registry?: Registry): GraphDocument => {
    const from = start("1,2", registry);
    return kept(from, read(from, from.b.add("guidegraph/number", { value }).out("number")));
  };
  const portsOf = async (document: GraphDocument, registry?: Registry) =>
    exportedPorts(await planned(document, registry), surroundings);
  const numbersOf = ({ inputs }: Pick<Exported, "inputs">) =>
    inputs.filter(({ is }) => is === "number").map(({ name }) => name);

  const averaged = (from: Start, decay: Wire, kind: string) => {
    const loop = from.b.loop("Loop", { schedule: from.schedule, x: from.x, decay }, (inner) => {
      const [tensor, decay] = [inner.input("x", "tensor"), inner.input("decay", "number")];
      const given = { tensor, before: inner.input("average", "tensor"), decay, kind };
      const average = inner.add("guidegraph/moving-average", given).out("tensor");
      inner.output("average", "tensor", average);
      inner.output(
        "x",
        "tensor",
        inner.add("guidegraph/formula", { formula: "a - b^2 / 9", a: tensor, b: average }).out("tensor"),
      );
    });
    return loop.out("average");
  };
  const asItIs: Readonly<Record<string, Read>> = {
    "two that scale": (from, n) => scaled({ ...from, x: scaled(from, n) }, n),
    "a formula of tensors": ({ b, x }, n) =>
      b.add("guidegraph/formula", { formula: "a * b + b^2", a: x, b: n }).out("tensor"),
    "a moving average": (from, n) => averaged(from, n, "average"),
    "a momentum": (from, n) => averaged(from, n, "momentum"),
    "a choice": ({ b, x }, condition) =>
      b
        .add("guidegraph/switch", {
          condition,
          a: x,
          b: b.add("guidegraph/formula", { formula: "-a", a: x }).out("tensor"),
        })
        .out("tensor"),
  };

  test.each(Object.entries(asItIs))("read by %s is an input, and decides when it is changed", async (_, read) => {
    const exported = await exportOf(typed(read, 2));
    expect([numbersOf(exported), exported.builtIn]).toEqual([["Number.value"], []]);
    for (const value of [2, 0.5, 0]) await expectTensor(exported, typed(read, value), { "Number.value": value });
  });

  const computed: Readonly<Record<string, Read>> = {
    "Number Formula": (from, n) => {
      const squared = from.b.add("guidegraph/number-formula", { formula: "a * a", a: n }).out("number");
      return scaled({ ...from, x: scaled(from, n) }, squared);
    },
    Formula: (from, n) =>
      scaled(
        { ...from, x: scaled(from, n) },
        from.b.add("guidegraph/formula", { formula: "a / 4", a: n }).out("tensor"),
      ),
    Loop: (from, start) =>
      loopOf(from, { x: scaled(from, start), start }, (inner, { x }) => inner.output("x", "tensor", x)).out("x"),
    "Gaussian Noise": (from, seed) => {
      const noise = from.b.add("guidegraph/gaussian-noise", {
        labels: from.labels,
        model: from.model,
        height: side,
        seed,
      });
      return scaled({ ...from, x: noise.out("x_T") }, seed);
    },
    Crop: (from, height) =>
      from.b.add("guidegraph/crop", { tensor: scaled(from, height), height, width: 2 }).out("tensor"),
    "DDIM Step": (from, eta) =>
      loopOf(from, { eta, noise: from.noise }, (inner, at) => {
        const eta = inner.input("eta", "number");
        const given = { prediction: predicted(inner, at).out("prediction"), noise: inner.input("noise", "noise"), eta };
        const tensor = inner.add("guidegraph/ddim-step", given).out("x");
        inner.output("x", "tensor", inner.add("guidegraph/scale", { tensor, scale: eta }).out("tensor"));
      }).out("x"),
    "Switch Prediction": (from, condition) =>
      loopOf(from, { condition }, (inner, at) => {
        const [a, b] = [predicted(inner, at).out("prediction"), predicted(inner, at).out("prediction")];
        const given = { condition: inner.input("condition", "number"), a, b };
        const prediction = inner.add("guidegraph/switch-prediction", given).out("prediction");
        inner.output("x", "tensor", inner.add("guidegraph/ddim-step", { prediction }).out("x"));
      }).out("x"),
  };

  test.each(Object.entries(computed))("that %s computes with is no input, which is said", async (by, read) => {
    const ports = await portsOf(typed(read, 1));
    const node = { path: expect.any(String), title: "Number", port: "value" };
    expect([numbersOf(ports), ports.builtIn]).toEqual([[], [{ node, value: 1, by }]]);
  });

  test("what a node makes of it is another number, though it be alike", async () => {
    const squared = defineNode({
      ...{ type: "guidegraph/squared", version: 1, title: "Squared", category: "own", description: "" },
      ...{ inputs: { a: port.number({ default: 0 }) }, outputs: { number: port.numberOut() }, infer: () => ({}) },
      run: ({ a }: { readonly a: number }) => ({ number: a * a }),
    } as AnyNode);
    const registry = { ...nodes, "guidegraph/squared": squared };
    const document = typed(
      (from, a) => scaled(from, from.b.add("guidegraph/squared", { a }).out("number")),
      1,
      registry,
    );
    expect(numbersOf(await portsOf(document, registry))).toEqual([]);
  });
});
