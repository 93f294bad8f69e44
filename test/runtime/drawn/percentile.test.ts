/** Dynamic Threshold has the slope of its values and of the percentile, which may be another in each step. */
import { afterAll, expect, test } from "vitest";
import { type AnyNode, nodes } from "../../../nodes/index.ts";
import { graphOf, networks, type Placed, randomTensor, runAll } from "../../support/drawn.ts";

afterAll(() => networks.close());

const x = randomTensor(9);
const weights = randomTensor(10);
const formula = (path: string, text: string, inputs: Placed["inputs"]): Placed => ({
  ...{ path, definition: nodes["guidegraph/formula"] as AnyNode },
  inputs: { formula: { value: text }, ...inputs },
});
/** Σ w · threshold(3 x): beyond 1, so that it is the percentile that counts. */
const graphAt = (percentile: number): readonly Placed[] => [
  formula("1", "3 * a", { a: { from: "variable" } }),
  {
    ...{ path: "2", definition: nodes["guidegraph/dynamic-threshold"] as AnyNode },
    inputs: { pred_xstart: { from: ["1", "tensor"] }, percentile: { value: percentile } },
  },
  formula("3", "a * b", { a: { from: ["2", "pred_xstart"] }, b: { value: weights } }),
];
const lossAt = async (percentile: number, at: typeof x): Promise<number> => {
  const { data } = (await runAll(graphAt(percentile), at)).get("3")!.tensor as typeof x;
  return data.reduce((sum, value) => sum + value, 0);
};

test.each([0.5, 0.803, 0.995, 1])("at percentile %d", async (percentile) => {
  // One graph for all of them.
  const graph = graphOf(graphAt(0.9), ["3", "tensor"]);
  const others = ["3 * a", percentile, "a * b", weights];
  const wishes = [{ of: "3", output: "tensor" }, "gradient"] as const;
  await graph.run(x, wishes);
  const [value, gradient] = (await graph.run(x, wishes, others)) as (typeof x)[];
  expect(value.data.reduce((sum, one) => sum + one, 0)).toBeCloseTo(await lossAt(percentile, x), 5);
  const h = 1 / 4096;
  for (const seed of [11, 12, 13]) {
    const way = randomTensor(seed).data;
    const moved = (s: number) => ({ dims: x.dims, data: x.data.map((v, i) => v + s * way[i]) });
    const slope = ((await lossAt(percentile, moved(h))) - (await lossAt(percentile, moved(-h)))) / (2 * h);
    expect(gradient.data.reduce((sum, g, i) => sum + g * way[i], 0)).toBeCloseTo(slope, 1);
  }
});
