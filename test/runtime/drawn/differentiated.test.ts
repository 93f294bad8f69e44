import { afterAll, describe, expect, test } from "vitest";
import { schedule, type Tensor } from "../../../diffusion/index.ts";
import { type AnyNode, type DrawnGraph, type DrawnSource, formsOf, nodes } from "../../../nodes/index.ts";
import { type GraphBuilder, graphBuilder, writeModel } from "../../../onnx/index.ts";
import { modelsOf } from "../../../runtime/index.ts";
import { memoryNetworks } from "../../support/memory-networks.ts";

const content = new Map<string, Uint8Array>();
const built: string[] = [];
const networks = memoryNetworks(content, (key) => built.push(key));
const models = modelsOf(networks);
afterAll(() => networks.close());

async function load(build: (op: GraphBuilder) => void) {
  const op = graphBuilder();
  build(op);
  const file = `${content.size}.onnx`;
  content.set(file, await writeModel(op.model("any")));
  return models.network({ file, sha256: "", flags: "" });
}

const pictures = (batch: number): Tensor => ({
  dims: [batch, 3, 4, 4],
  data: Float32Array.from({ length: batch * 48 }, (_, i) => Math.sin(i)),
});

const called = { of: "loss", by: "x" };
const outside = (index: number): DrawnSource => ({ is: "outside", index });
const made = (of: string, output: string): DrawnSource => ({ is: "output", of, output });
const node = (path: string, definition: unknown, inputs: Record<string, DrawnSource>) => ({
  ...{ path, title: (definition as AnyNode).title, definition: definition as AnyNode, inputs },
});

/** Σ √ᾱₜ · s · f(x), f a network. */
const applied: DrawnGraph = {
  nodes: [
    node("7/1", nodes["guidegraph/apply-network"], { network: outside(0), x: { is: "variable" }, output: outside(1) }),
    node("7/2", nodes["guidegraph/scale"], { tensor: made("7/1", "tensor"), scale: outside(2) }),
    node("7/3", nodes["guidegraph/add-noise"], { x0: made("7/2", "tensor"), noise: outside(3), step: outside(4) }),
  ],
  of: made("7/3", "x"),
  called,
};
const steps = schedule({ noiseSchedule: "cosine", timestepRespacing: "10" });
const square = await load((op) => {
  const x = op.input("x", "float32", ["N", 3, 4, 4]);
  op.output("y", op.Mul(x, x), "float32", ["N", 3, 4, 4]);
});

/** One with weights. */
const heavy = await load((op) => {
  const x = op.input("x", "float32", ["N", 3, 4, 4]);
  const kernel = op.float(
    Array.from({ length: 3 * 3 * 9 }, (_, i) => Math.cos(i)),
    [3, 3, 3, 3],
  );
  op.output("y", op.Conv(x, kernel, { pads: [1, 1, 1, 1] }), "float32", ["N", 3, 4, 4]);
});

test("steps, numbers and batch sizes share one graph, built once", async () => {
  const graph = models.differentiated(applied);
  built.length = 0;
  for (const [batch, scale, index] of [
    [2, 3, 5],
    [2, -1, 1],
    [3, 0.5, 9],
  ]) {
    const x = pictures(batch);
    const step = steps.at(index);
    const [gradient] = (await graph.run(x, [square, "", scale, x, step], ["gradient"])) as Tensor[];
    const slope = 2 * scale * Math.sqrt(step.at.alphaBar);
    for (const [i, g] of gradient.data.entries()) expect(g).toBeCloseTo(slope * x.data[i], 5);
  }
  expect(new Set(built).size).toBe(1);
});

test("what is watched is asked for beside the gradient, and is what is computed", async () => {
  const x = pictures(2);
  const wishes = [{ of: "7/1", output: "tensor" }, "gradient"] as const;
  const [value] = (await models.differentiated(applied).run(x, [square, "", 2, x, steps.at(3)], wishes)) as Tensor[];
  const expected = await square.apply(x, "");
  expect(value.dims).toEqual(expected.dims);
  for (const [i, v] of value.data.entries()) expect(v).toBeCloseTo(expected.data[i], 5);
});

test("which outputs let no gradient through is known of the file", async () => {
  const { facts } = await load((op) => {
    const x = op.input("x", "float32", ["N", 3, 4, 4]);
    op.output("soft", op.Tanh(x), "float32", ["N", 3, 4, 4]);
    op.output("hard", op.Round(x), "float32", ["N", 3, 4, 4]);
  });
  const stopped = Object.fromEntries(facts.outputs!.map(({ name, stopped }) => [name, stopped]));
  expect(stopped.soft).toBeUndefined();
  expect(stopped.hard).toMatch(/0 everywhere.*Round/);
});

test("a value that is not finite is told by the network that gave it, at its node", async () => {
  const zero = { dims: [1, 3, 4, 4], data: new Float32Array(48) };
  const root = await load((op) => {
    const x = op.input("x", "float32", ["N", 3, 4, 4]);
    op.output("y", op.Log(x), "float32", ["N", 3, 4, 4]);
  });
  const wish = { of: "7/1", output: "tensor" };
  const run = models.differentiated(applied).run(zero, [root, "", 1, zero, steps.at(0)], [wish]);
  await expect(run).rejects.toMatchObject({
    path: "7/1",
    message: expect.stringMatching(/Output of Network ".*" holds 48 infinite/),
  });
});

test("a gradient that looks like one is refused where what it is of has no value", async () => {
  const log = {
    nodes: [node("1", nodes["guidegraph/formula"], { formula: outside(0), a: { is: "variable" } })],
    of: made("1", "tensor"),
    called,
  };
  const below = { dims: [1, 3, 4, 4], data: new Float32Array(48).fill(-2) };
  const run = models.differentiated(log as DrawnGraph).run(below, ["log(a)"], ["gradient"]);
  await expect(run).rejects.toThrow(/"tensor" of Formula holds 48 NaN/);
});

test("a network that no file holds cannot be drawn", async () => {
  const x = pictures(1);
  const graph = models.differentiated(applied);
  await expect(graph.run(x, [{ ...square }, "", 1, x, steps.at(0)], ["gradient"])).rejects.toThrow(
    /not loaded from a file/,
  );
});

test("what a loop carries may be absent in its first step, and is drawn when it is there", async () => {
  const graph: DrawnGraph = {
    nodes: [
      node("1", nodes["guidegraph/moving-average"], {
        ...{ tensor: { is: "variable" }, before: outside(0), decay: outside(1), kind: outside(2) },
      }),
    ],
    of: made("1", "tensor"),
    called,
  };
  const average = models.differentiated(graph);
  const [x, before] = [pictures(2), pictures(2)];
  const wishes = ["gradient", { of: "1", output: "tensor" }] as const;
  const [first, alone] = (await average.run(x, [undefined, 0.25, "average"], wishes)) as Tensor[];
  expect([first.data[5], alone.data[5]]).toEqual([1, x.data[5]]);
  const [then, both] = (await average.run(x, [before, 0.25, "average"], wishes)) as Tensor[];
  expect(then.data[5]).toBe(0.75);
  expect(both.data[5]).toBeCloseTo(x.data[5], 6);
});

describe("of what a Switch chooses from", () => {
  /** f(x) or floor(x), by a number; or whatever takes their places. */
  const either = (a: DrawnSource, b: DrawnSource): DrawnGraph => ({
    nodes: [
      node("1", nodes["guidegraph/apply-network"], { network: outside(0), x: { is: "variable" }, output: outside(1) }),
      node("2", nodes["guidegraph/formula"], { formula: outside(2), a: { is: "variable" } }),
      node("3", nodes["guidegraph/switch"], { condition: outside(3), a, b }),
    ],
    of: made("3", "tensor"),
    called,
  });
  const x = pictures(2);
  const given = (condition: number, formula = "3 * a", more?: Tensor) => [square, "", formula, condition, more];

  test("one side is drawn, once for each choice, and the other need not be there", async () => {
    const graph = models.differentiated(either(made("1", "tensor"), outside(4)));
    for (const [turn, condition] of [1, 0, 2, 0].entries()) {
      if (turn === 2) built.length = 0;
      const wishes = [{ of: "3", output: "tensor" }, "gradient"] as const;
      const more = condition === 0 ? x : undefined;
      const [value, gradient] = (await graph.run(x, given(condition, "", more), wishes)) as Tensor[];
      expect(value.data[5]).toBeCloseTo(condition === 0 ? x.data[5] : x.data[5] ** 2, 5);
      expect(gradient.data[5]).toBeCloseTo(condition === 0 ? 0 : 2 * x.data[5], 5);
    }
    expect(built).toEqual([]);
  });

  test("the gradient is that of the side", async () => {
    const graph = models.differentiated(either(made("1", "tensor"), made("2", "tensor")));
    for (const [condition, slope] of [
      [0, 3],
      [1, 2 * x.data[7]],
    ]) {
      const [gradient] = (await graph.run(x, given(condition), ["gradient"])) as Tensor[];
      expect(gradient.data[7]).toBeCloseTo(slope, 5);
    }
  });

  test("a side without a gradient has 0, unless the other has none as well", async () => {
    const flat = models.differentiated(either(made("1", "tensor"), made("2", "tensor")));
    const [gradient] = (await flat.run(x, given(0, "floor(a)"), ["gradient"])) as Tensor[];
    expect(gradient.data.every((value) => value === 0)).toBe(true);
    await expect(flat.weigh(x, given(0, "floor(a)"), ["gradient"])).resolves.toBeDefined();
    const none = models.differentiated(either(outside(4), made("2", "tensor")));
    for (const ask of ["run", "weigh"] as const)
      await expect(none[ask](x, given(0, "floor(a)", x), ["gradient"])).rejects.toThrow(
        "it is 0 everywhere, since every path",
      );
  });
});

describe("of several Switches", () => {
  /** Σₖ of either x² by a network or x, k by k. `conditions`: by which number from outside each is decided. */
  const several = (conditions: readonly number[]): DrawnGraph => {
    const network = node("0", nodes["guidegraph/apply-network"], {
      ...{ network: outside(0), x: { is: "variable" }, output: outside(1) },
    });
    const switches = conditions.flatMap((condition, k) => [
      node(`s${k}`, nodes["guidegraph/switch"], {
        condition: outside(condition),
        a: made("0", "tensor"),
        b: { is: "variable" },
      }),
      node(`a${k}`, nodes["guidegraph/add"], {
        ...{ a: made(`s${k}`, "tensor"), b: k === 0 ? { is: "variable" } : made(`a${k - 1}`, "tensor") },
        ...{ weight_a: outside(2), weight_b: outside(2) },
      }),
    ]);
    return { nodes: [network, ...switches], of: made(`a${conditions.length - 1}`, "tensor"), called };
  };
  const x = pictures(2);
  const count = 4;
  const bits = Array.from({ length: 2 ** count }, (_, form) =>
    Array.from({ length: count }, (_, k) => (form >> k) & 1),
  );

  test("each form is built once, however they take turns, and has its gradient", async () => {
    const graph = models.differentiated(several([3, 4, 5, 6]));
    built.length = 0;
    for (const conditions of [...bits, ...bits.toReversed()]) {
      const [gradient] = (await graph.run(x, [square, "", 1, ...conditions], ["gradient"])) as Tensor[];
      const squares = conditions.reduce((sum, one) => sum + one, 0);
      expect(gradient.data[5]).toBeCloseTo(1 + squares * 2 * x.data[5] + (count - squares), 4);
    }
    // Before any is asked again.
    expect(built).toHaveLength(bits.length);
  });

  test("their forms are counted: of independent ones, of one number for all, of one that decides whether another is asked", () => {
    const count = (graph: DrawnGraph, conditions: readonly number[]) =>
      formsOf(graph, ["gradient"], [square, "", 1, ...conditions], 64).length;
    const unknown = Number.NaN;
    expect(count(several([3, 4, 5]), [unknown, unknown, unknown])).toBe(8);
    expect(count(several([3, 4, 5]), [unknown, 1, unknown])).toBe(4);
    expect(count(several([3, 3, 3]), [unknown])).toBe(1 + 1);
    expect(count(several([3, 4, 5]), [1, 0, 1])).toBe(1);
    const nested = [
      node("i", nodes["guidegraph/switch"], { condition: outside(4), a: made("0", "tensor"), b: { is: "variable" } }),
      node("o", nodes["guidegraph/switch"], { condition: outside(3), a: made("i", "tensor"), b: { is: "variable" } }),
    ];
    const graph = { nodes: [several([]).nodes[0], ...nested], of: made("o", "tensor"), called };
    expect(count(graph, [unknown, unknown])).toBe(3);
    expect(count(several([3, 4, 5, 6, 7, 8, 9]), new Array(7).fill(unknown))).toBe(64);
  });

  test("what they take is what their forms have of networks", async () => {
    const weights = async (conditions: readonly number[]) =>
      (await models.differentiated(several([3, 4])).weigh(x, [heavy, "", 1, ...conditions], ["gradient"])).weights;
    const alone = await weights([1, 1]);
    expect(alone).toBeGreaterThan(4 * 9 * 9);
    // Three of the four forms ask the network.
    expect(await weights([Number.NaN, Number.NaN])).toBeCloseTo(3 * alone, -2);
    expect(await weights([1, Number.NaN])).toBeCloseTo(2 * alone, -2);
    expect(await weights([0, Number.NaN])).toBeCloseTo(alone, -2);
  });
});

describe("a gradient that is zero by construction is refused in the graph's own words", () => {
  const formulas = {
    "floor(a)":
      'it is 0 everywhere, since every path from "x" to "loss" ends at Floor of “Formula”, which lets no gradient through',
    "floor(a) + floor(2 * a)":
      'it is 0 everywhere, since every path from "x" to "loss" ends at Floor of “Formula”, which lets no gradient through',
    "3": '"loss" does not depend on "x"',
  };
  test.each(Object.entries(formulas))("%s", async (formula, why) => {
    const graph: DrawnGraph = {
      nodes: [node("5/2", nodes["guidegraph/formula"], { formula: outside(0), a: { is: "variable" } })],
      of: made("5/2", "tensor"),
      called,
    };
    const run = models.differentiated(graph).run(pictures(1), [formula], ["gradient"]);
    await expect(run).rejects.toMatchObject({ port: "of", message: `Cannot differentiate: ${why}` });
  });
});
