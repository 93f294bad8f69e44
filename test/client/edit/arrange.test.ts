import { expect, test } from "vitest";
import { arrange, type Extent, overlaps } from "../../../client/edit/arrange.ts";
import { placeNote, placeReroute } from "../../../client/edit/arrange-marks.ts";
import { example } from "../support/graphs.ts";

test("arrange places cards beside and below each other, never on each other, and wires run to the right between columns", () => {
  for (const name of ["guided-ddim", "red-star", "ddim-inversion", "inpainting"]) {
    const graph = example(name);
    const extents = new Map(
      graph.nodes.map(({ id, inner, type }): [number, Extent] => {
        const bare = { shows: false, inputs: {}, outputs: {} };
        if (type === "guidegraph/reroute") return [id, { ...bare, width: 40, height: 16, head: 0 }];
        if (type === "guidegraph/note") return [id, { ...bare, width: 320, height: 80, head: 0 }];
        const shows = inner !== undefined || type === "guidegraph/preview";
        return [id, { ...bare, width: 200, height: inner ? 420 : 140, head: 28, shows }];
      }),
    );
    const places = arrange(graph, extents);
    const boxes = graph.nodes.map(({ id }) => {
      const [x, y] = places.get(id) as readonly [number, number];
      const { width, height, head } = extents.get(id) as Extent;
      return [x, y - head, width, height] as const;
    });
    expect(overlaps(boxes)).toBe(false);
    for (const { from, to } of graph.links)
      expect(places.get(from)?.[0]).toBeLessThanOrEqual(places.get(to)?.[0] as number);
  }
});

test("placeReroute leads a wire round what lies between its ends", () => {
  const graph = example("guided-ddim");
  const idOf = (type: string) => graph.nodes.find((node) => node.type === `guidegraph/${type}`)?.id as number;
  const boxes = new Map<number, readonly [number, number, number, number]>([
    [idOf("class-labels"), [0, 100, 200, 100]],
    [idOf("subgraph"), [300, 0, 200, 220]],
    [idOf("save-npz"), [600, 100, 200, 100]],
  ]);
  const at = () => placeReroute(graph, idOf("reroute"), [40, 16], boxes);
  expect(at()).toEqual([464, 240]);
  boxes.set(idOf("subgraph"), [300, 140, 200, 300]);
  expect(at()).toEqual([464, 112]);
  boxes.set(idOf("subgraph"), [300, 300, 200, 300]);
  expect(at()).toEqual([384, 144]);
});

test("placeNote puts a note over or under the nodes, where the whole grows least and no wire is hidden", () => {
  const taken = [
    [0, 0, 200, 400],
    [260, 200, 200, 200],
  ] as const;
  expect(placeNote([200, 80], taken)).toEqual([264, 96]);
  const hidden = [
    [
      [200, 120],
      [460, 120],
    ],
  ] as const;
  expect(placeNote([200, 80], taken, hidden)).toEqual([0, -104]);
  expect(placeNote([200, 80], [])).toEqual([0, 0]);
});
