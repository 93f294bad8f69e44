/** What changes in jumps alone is held constant: beside another path it has no gradient, by itself it is refused. */
import { afterAll, describe, expect, test } from "vitest";
import { type AnyNode, nodes } from "../../../nodes/index.ts";
import { batch, dims, graphOf, networks, type Placed, randomTensor, runAll, values } from "../../support/drawn.ts";

afterAll(() => networks.close());

const x = randomTensor(9);
const variable = { from: "variable" } as const;
const made = (path: string, output = "tensor") => ({ from: [path, output] as const });
const formula = (path: string, text: string, a: Placed["inputs"][string], b?: Placed["inputs"][string]): Placed => ({
  ...{ path, definition: nodes["guidegraph/formula"] as AnyNode },
  inputs: { formula: { value: text }, a, ...(b && { b }) },
});

/** Which is the best sample, N×1×1×1. */
const ranked: readonly Placed[] = [
  {
    ...{ path: "1", definition: nodes["guidegraph/reduce"] as AnyNode },
    inputs: { tensor: variable, by: { value: "sum" }, over: { value: "sample" } },
  },
  {
    ...{ path: "2", definition: nodes["guidegraph/rank"] as AnyNode },
    inputs: { scores: made("1"), of: { value: 0 }, count: { value: batch }, first: { value: "lowest" } },
  },
];
const flat: Readonly<Record<string, readonly [nodes: readonly Placed[], of: readonly [string, string], what: string]>> =
  {
    Rank: [ranked, ["2", "indices"], "TopK of “Rank”"],
    ...Object.fromEntries(
      [
        ["floor(8 * a)", "Floor"],
        ["sign(a)", "Sign"],
        ["a > 0", "Greater"],
        ["a == 0 || a < 0.2", "Equal"],
        ["table(2 * a, 1, 2, 3)", "Less"],
      ].map(([text, op]) => [text, [[formula("2", text, variable)], ["2", "tensor"], op]]),
    ),
  };

describe.each(Object.entries(flat))("%s", (_, [jumps, of, what]) => {
  test("by itself has no gradient, and that is said", async () => {
    const run = graphOf(jumps, of).run(x, ["gradient"]);
    await expect(run).rejects.toThrow(/it is 0 everywhere, since every path from "x" to "loss" ends at/);
    await expect(run).rejects.toThrow(what);
  });

  test("times what has one is a factor", async () => {
    const graph = [...jumps, formula("3", "a * b", variable, made(...of))];
    const factor = (await runAll(graph, x)).get("2")![of[1]] as typeof x;
    const [gradient] = (await graphOf(graph, ["3", "tensor"]).run(x, ["gradient"])) as (typeof x)[];
    const size = x.data.length / factor.data.length;
    expect([...gradient.data]).toEqual([...x.data].map((_, i) => factor.data[Math.floor(i / size)]));
  });
});

test("of what Gather takes by Rank, the gradient is that of the samples that it took", async () => {
  const [first, second] = [ranked[0], { ...ranked[1], inputs: { ...ranked[1].inputs, count: { value: 1 } } }];
  const gather: Placed = {
    ...{ path: "3", definition: nodes["guidegraph/gather"] as AnyNode },
    inputs: { tensor: variable, indices: made("2", "indices") },
  };
  const graph = [first, second, gather];
  const { data } = (await runAll(graph, x)).get("2")!.indices as typeof x;
  const [gradient] = (await graphOf(graph, ["3", "tensor"]).run(x, ["gradient"])) as (typeof x)[];
  const size = x.data.length / dims[0];
  expect([...gradient.data]).toEqual([...x.data].map((_, i) => (Math.floor(i / size) === data[0] ? 1 : 0)));
});

describe("of what Gather takes by Resample", () => {
  const particles = (threshold: number): readonly Placed[] => [
    ranked[0],
    {
      ...{ path: "2", definition: nodes["guidegraph/resample"] as AnyNode },
      inputs: {
        ...{ log_weights: made("1"), noise: { value: values.noise }, step: { value: values.step } },
        ...{ of: { value: 0 }, threshold: { value: threshold } },
      },
    },
    {
      ...{ path: "3", definition: nodes["guidegraph/gather"] as AnyNode },
      inputs: { tensor: variable, indices: made("2", "indices") },
    },
  ];
  const size = x.data.length / batch;

  test.each([0, 1])("the gradient is that of the particles that were drawn, with threshold %i", async (threshold) => {
    const graph = particles(threshold);
    const { data } = (await runAll(graph, x)).get("2")!.indices as typeof x;
    const [gradient] = (await graphOf(graph, ["3", "tensor"]).run(x, ["gradient"])) as (typeof x)[];
    const times = (sample: number) => data.filter((index) => index === sample).length;
    expect([...gradient.data]).toEqual([...x.data].map((_, i) => times(Math.floor(i / size))));
  });

  test("weights have a slope where nothing is drawn", async () => {
    const slopes = [0, 1].map((threshold) => graphOf(particles(threshold), ["2", "log_weights"]).run(x, ["gradient"]));
    const [[kept], [drawn]] = (await Promise.all(slopes)) as (typeof x)[][];
    expect(kept.data.every((slope) => slope === 1)).toBe(true);
    expect(drawn.data.every((slope) => slope === 0)).toBe(true);
  });
});
