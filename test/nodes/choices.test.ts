/** What a choice passes over is nothing to its gradient, however steep it is there, or without a value. */
import { expect, test } from "vitest";
import type { Tensor } from "../../diffusion/index.ts";
import { type AnyNode, nodes } from "../../nodes/index.ts";
import { dims, graphOf, type Placed, randomTensor } from "../support/drawn.ts";

const variable = { from: "variable" } as const;
const formula = (path: string, text: string, a: Placed["inputs"][string] = variable): Placed => ({
  path,
  definition: nodes["guidegraph/formula"] as unknown as AnyNode,
  inputs: { formula: { value: text }, meaning: { value: "" }, a },
});
const at = randomTensor(17);
at.data.set([0, -0, 200]);

async function gradientOf(placed: readonly Placed[]): Promise<Tensor> {
  const last = placed.at(-1)!;
  const [gradient] = await graphOf(placed, [last.path, "tensor"]).run(at, ["gradient"]);
  return gradient as Tensor;
}

test.each<[string, (a: number) => number]>([
  ["where(a > 0.1, sqrt(a), 0)", (a) => (a > 0.1 ? 0.5 / Math.sqrt(a) : 0)],
  ["where(a > 0, log(a), 3 * a)", (a) => (a > 0 ? 1 / a : 3)],
  ["where(a > 0.1, a * log(a), 0)", (a) => (a > 0.1 ? 1 + Math.log(a) : 0)],
  ["a > 0.1 ? 1 / a : a", (a) => (a > 0.1 ? -1 / a ** 2 : 1)],
  ["where(a > 50, a, exp(a - exp(a)))", (a) => (a > 50 ? 1 : Math.exp(a - Math.exp(a)) * (1 - Math.exp(a)))],
  ["where(a == 0, 1, sin(a) / a)", (a) => (a === 0 ? 0 : (Math.cos(a) - Math.sin(a) / a) / a)],
  ["where(a > 0.1, a ^ 1.5 / abs(a) ^ 0.5, a)", () => 1],
  ["table(a, a, sqrt(a - 0.4))", (a) => (a < 0.5 ? 1 : 0.5 / Math.sqrt(a - 0.4))],
  ["min(1, 15 / (a - a)) * a", () => 1],
  ["max(-1, log(a - a)) * a", () => -1],
])("%s", async (text, slope) => {
  const { data } = await gradientOf([formula("5", text)]);
  const wanted = Array.from(at.data, slope);
  for (const [i, value] of data.entries())
    expect(Math.abs(value - wanted[i]), `at ${at.data[i]}`).toBeLessThan(1e-3 * (1 + Math.abs(wanted[i])));
});

const chosen = (condition: number, a: Placed): Placed[] => [
  a,
  {
    path: "6",
    definition: nodes["guidegraph/switch"] as unknown as AnyNode,
    inputs: { condition: { value: condition }, a: { from: [a.path, "tensor"] }, b: variable },
  },
];

test("a Switch keeps out whole nodes, and what they add up to", async () => {
  const lengths: Placed = {
    path: "4",
    definition: nodes["guidegraph/reduce"] as unknown as AnyNode,
    inputs: { tensor: { from: ["5", "tensor"] }, by: { value: "norm" }, over: { value: "sample" } },
  };
  const bad = formula("5", "sqrt(a - 1000)");
  const ones = new Float32Array(dims.reduce((a, b) => a * b)).fill(1);
  for (const placed of [chosen(0, bad), [bad, ...chosen(0, lengths)]])
    expect((await gradientOf(placed)).data).toEqual(ones);
});

test("computed points of a curve that do not rise are stopped where they are drawn, too", async () => {
  await expect(gradientOf([formula("5", "a * curve(a, abs(a), 1, abs(a), 2)")])).rejects.toThrow("NaN");
});

test("what is chosen, and has no slope, is refused as ever", async () => {
  await expect(gradientOf(chosen(1, formula("5", "sqrt(a - 1000)")))).rejects.toThrow("NaN");
});
