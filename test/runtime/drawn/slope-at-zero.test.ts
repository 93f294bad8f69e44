/**
 * The gradient of a Formula at 0. Where the value is finite it is: a root has slope 0 there, however it is written, since norms are
 * roots of sums. Where the value is not finite, the run says so.
 */
import { afterAll, expect, test } from "vitest";
import { type AnyNode, nodes } from "../../../nodes/index.ts";
import { graphOf, networks, type Placed } from "../../support/drawn.ts";

afterAll(() => networks.close());

const zeros = { dims: [1, 1, 1, 2], data: Float32Array.of(0, 0.25) };

const gradientOf = async (formula: string, b: number) => {
  const definition = nodes["guidegraph/formula"] as AnyNode;
  const inputs = { formula: { value: formula }, a: { from: "variable" }, b: { value: b } } as const;
  const node: Placed = { path: "1", definition, inputs };
  const [{ data }] = (await graphOf([node], ["1", "tensor"]).run(zeros, ["gradient"])) as (typeof zeros)[];
  return [...data];
};

test.each([
  ["sqrt(a)", 0, [0, 1]],
  ["a ^ 0.5", 0, [0, 1]],
  ["a ^ b", 0.5, [0, 1]],
  ["a ^ (1 / 2)", 0, [0, 1]],
  ["a ^ 0.75", 0, [0, 0.75 * 0.25 ** -0.25]],
  ["sqrt(a ^ 2)", 0, [0, 1]],
  ["(a ^ 2) ^ 0.5", 0, [0, 1]],
  ["(abs(a) ^ 3) ^ b", 1 / 3, [0, 1]],
  ["abs(a)", 0, [0, 1]],
  ["a ^ 1", 0, [1, 1]],
  ["a ^ b", 1, [1, 1]],
  ["a ^ 1.5", 0, [0, 0.75]],
  ["a ^ 2", 0, [0, 0.5]],
  ["max(a, 0)", 0, [0.5, 1]],
  ["where(a > 0, log(a), 0)", 0, [0, 4]],
] as const)("%s, b = %d", async (formula, b, slope) => {
  for (const [i, value] of (await gradientOf(formula, b)).entries()) expect(value).toBeCloseTo(slope[i], 5);
});

test.each(["log(a)", "1 / a", "a ^ -1", "a ^ -0.5"])("%s has no value at 0, and that is said", async (formula) => {
  await expect(gradientOf(formula, 0)).rejects.toThrow(/a quotient, root or logarithm at 0/);
});
