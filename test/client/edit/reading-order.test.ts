import { describe, expect, test } from "vitest";
import { readingOrder } from "../../../client/edit/reading-order.ts";
import type { Graph } from "../../../graphs/document/index.ts";
import { example } from "../support/graphs.ts";

const reversed = (graph: Graph): Graph => ({ ...graph, nodes: [...graph.nodes].reverse() });

describe("readingOrder", () => {
  test("has every node once, after what feeds it, whatever the order in the file", () => {
    for (const name of ["guided-ddim", "red-star", "anomaly-map"]) {
      const graph = example(name);
      const ids = readingOrder(graph).map(({ id }) => id);
      expect(ids.toSorted()).toEqual(graph.nodes.map(({ id }) => id).toSorted());
      for (const { from, to } of graph.links) expect(ids.indexOf(from), name).toBeLessThan(ids.indexOf(to));
      expect(readingOrder(reversed(graph)).map(({ id }) => id)).toEqual(ids);
    }
  });

  test("reads nodes in a circle too, each once", () => {
    const { links, ...graph } = example("guided-ddim");
    const back = links.map((link) => ({ ...link, from: link.to, to: link.from }));
    expect(readingOrder({ ...graph, links: [...links, ...back] })).toHaveLength(graph.nodes.length);
  });
});
