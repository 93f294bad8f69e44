import { describe, expect, test } from "vitest";
import { copyNodes, entering, pasteText, stillThere } from "../../../client/edit/clipboard.ts";
import { moveNodes, nodeOf, toggleLook } from "../../../client/edit/graph.ts";
import { firstOf, walk } from "../../../client/edit/walk.ts";
import { documentBuilder } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";

const b = documentBuilder(nodes);
const unet = b.add("guidegraph/load-unet");
const schedule = b.add("guidegraph/diffusion-schedule", { model: unet.out("model") });
const noise = b.add("guidegraph/gaussian-noise", { model: unet.out("model"), schedule: schedule.out("schedule") });
const lonely = b.add("guidegraph/text");
const graph = moveNodes(
  b.document(),
  new Map([
    [unet.id, [0, 0]],
    [schedule.id, [300, 200]],
    [noise.id, [300, 0]],
    [lonely.id, [0, 900]],
  ]),
);

describe("walk", () => {
  test("goes left to what feeds, right to what reads, the nearest of several", () => {
    expect(walk(graph, noise.id, "left")).toBe(unet.id);
    expect(walk(graph, unet.id, "right")).toBe(noise.id);
    expect(walk(graph, noise.id, "right")).toBeUndefined();
  });

  test("goes up and down beside nodes that share a feeder or a reader", () => {
    expect(walk(graph, noise.id, "down")).toBe(schedule.id);
    expect(walk(graph, schedule.id, "up")).toBe(noise.id);
    expect(walk(graph, lonely.id, "up")).toBeUndefined();
  });

  test("begins at the upper left", () => {
    expect(firstOf(graph)).toBe(unet.id);
    expect(firstOf({ ...graph, nodes: [] })).toBeUndefined();
  });
});

test("a pinned node does not move, others chosen with it do", () => {
  const pinned = toggleLook(graph, new Set([noise.id]), "pinned");
  const places = new Map([
    [noise.id, [1, 1] as const],
    [unet.id, [2, 2] as const],
  ]);
  const moved = moveNodes(pinned, places);
  expect([nodeOf(moved, noise.id)?.pos, nodeOf(moved, unet.id)?.pos]).toEqual([
    [300, 0],
    [2, 2],
  ]);
  expect(moveNodes(pinned, new Map([[noise.id, [1, 1]]]))).toBe(pinned);
  expect(toggleLook(pinned, new Set([noise.id]), "pinned")).toEqual(graph);
});

test("a paste that keeps wires hangs on those whose beginnings are still there", () => {
  const ids = new Set([noise.id]);
  const text = copyNodes(graph, ids);
  const kept = entering(graph, ids);
  const pasted = pasteText(graph, text, undefined, stillThere(kept, graph));
  const [id] = pasted.ids;
  expect(pasted.graph.links.filter(({ to }) => to === id).map(({ from, input }) => [from, input])).toEqual([
    [unet.id, "model"],
    [schedule.id, "schedule"],
  ]);
  const without = { ...graph, nodes: graph.nodes.filter((node) => node.id !== unet.id) };
  expect(stillThere(kept, without).map(({ from }) => from)).toEqual([schedule.id]);
});
