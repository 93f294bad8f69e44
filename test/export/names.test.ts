/** What goes in and comes out has a name of its own, whatever nodes, files and carried values are called. */
import { afterAll, describe, expect, test } from "vitest";
import { exportedPorts } from "../../export/index.ts";
import type { GraphDocument } from "../../graphs/document/index.ts";
import { networks } from "../support/drawn.ts";
import {
  exportOf,
  feedsOf,
  loopOf,
  opened,
  planned,
  predicted,
  ran,
  start,
  surroundings,
} from "../support/exported.ts";
import { generator } from "../support/random.ts";

afterAll(() => networks.close());

const outputsOf = async (document: GraphDocument) =>
  (await exportedPorts(await planned(document), surroundings)).outputs.map(({ name }) => name);

describe("a tensor that is saved", () => {
  const twoSaved = (first: object, second: object) => {
    const from = start();
    const other = from.b.add("guidegraph/scale", { tensor: from.x, scale: 2 }).out("tensor");
    from.b.add("guidegraph/save-tensor", { tensor: from.x, ...first });
    from.b.add("guidegraph/save-tensor", { tensor: other, ...second });
    return from.b.document();
  };

  test("is called as its file is", async () => {
    expect(await outputsOf(twoSaved({ name: "before" }, { name: "a/b" }))).toEqual(["a_b", "before"]);
  });

  test("is told by its node where another has the name, an input too", async () => {
    expect(await outputsOf(twoSaved({}, {}))).toEqual(["tensor", "Save Tensor.tensor"]);
    expect(await outputsOf(twoSaved({ name: "x_T" }, {}))).toEqual(["tensor", "Save Tensor.tensor"]);
  });
});

/** What inner values, dimensions, inputs and outputs are called, and what no name should be. */
const odd = [
  ...["", " ", "tensor", "x_T", "noise", "labels", "N", "x", "x0", "i", "step", "z", "next_x", "state.x", "draw0"],
  ...["g/Identity", "g/1/Add", "step1", "step1/i", "step1/x0", "step1/next.0", "gradient2/by", "network0/w", "5"],
  ...["é", "…", "\ud800", "\udfff", "a".repeat(200), "../a", "__proto__", "constructor", "6.scale", "x_T draws"],
];

/** Carries two values that are called so, with noise, a gradient and numbers, and saves both. */
function called(word: () => string): GraphDocument {
  const from = start();
  const { b } = from;
  const [one, other] = [word() || "a", word() || "b"];
  const carried = new Map([one, one === other ? `${other}2` : other].map((name) => [name, from.x]));
  const given = { ...Object.fromEntries([...carried].filter(([name]) => name !== "step")), noise: from.noise };
  const loop = loopOf(from, given, (inner, at) => {
    const prediction = predicted(inner, at).out("prediction");
    const x = inner.add("guidegraph/ddpm-step", { prediction, noise: inner.input("noise", "noise") }).out("x");
    inner.output("x", "tensor", x);
    for (const name of Object.keys(given).filter((name) => name !== "noise" && name !== "x")) {
      const tensor = inner.input(name, "tensor");
      inner.output(name, "tensor", inner.add("guidegraph/scale", { tensor, scale: 0.5 }, word()).out("tensor"));
    }
  });
  const inner = b.differentiate("D", { x: loop.out("x") }, (inside) => {
    const a = inside.add("guidegraph/scale", { tensor: inside.input("x", "tensor"), scale: 3 }, word()).out("tensor");
    inside.output("loss", "tensor", inside.add("guidegraph/formula", { formula: "a^2", a }).out("tensor"));
  });
  const number = b.add("guidegraph/number", { value: 2 }, word()).out("number");
  const scaled = b.add("guidegraph/scale", { tensor: inner.out("gradient"), scale: number }, word()).out("tensor");
  for (const tensor of [
    scaled,
    ...Object.keys(given)
      .filter((name) => name !== "noise")
      .map((name) => loop.out(name)),
  ])
    b.add("guidegraph/save-tensor", { tensor, name: word() }, word());
  return b.document();
}

test("whatever things are called, what is exported loads and gives what its run gives", async () => {
  const next = generator(11);
  for (let turn = 0; turn < 8; turn++) {
    const word = () => odd[Math.floor(next() * odd.length)];
    const document = called(word);
    const exported = await exportOf(document);
    const session = await opened(exported.sampler);
    for (const { model } of exported.steps) await (await opened(model)).release();
    const names = [...exported.inputs, ...exported.outputs].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect([...session.inputNames, ...session.outputNames].sort()).toEqual(names.sort());
    const found = await session.run(feedsOf(exported));
    // The output of the node that saves last is the first.
    const [last] = exported.outputs;
    const { tensor } = await ran(document);
    expect(Math.max(...tensor.map((value, i) => Math.abs(value - Number(found[last.name].data[i]))))).toBeLessThan(
      1e-4,
    );
  }
});
