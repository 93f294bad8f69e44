import { expect, test } from "vitest";
import { arrange, overlaps } from "../../../client/edit/arrange.ts";
import { example } from "../support/graphs.ts";

test("arrange places cards beside and below each other, never on each other, and wires run to the right between columns", () => {
  for (const name of ["guided-ddim", "red-star", "ddim-inversion", "inpainting"]) {
    const graph = example(name);
    const extents = new Map(
      graph.nodes.map(({ id, inner, type }) => [
        id,
        {
          width: 200,
          height: inner ? 420 : 140,
          shows: inner !== undefined || type === "guidegraph/preview",
          inputs: {},
          outputs: {},
        },
      ]),
    );
    const places = arrange(graph, extents);
    const boxes = graph.nodes.map(({ id }) => {
      const [x, y] = places.get(id) as readonly [number, number];
      return [x, y - 28, 200, extents.get(id)?.height ?? 0] as const;
    });
    expect(overlaps(boxes)).toBe(false);
    for (const { from, to } of graph.links)
      expect(places.get(from)?.[0]).toBeLessThanOrEqual(places.get(to)?.[0] as number);
  }
});
