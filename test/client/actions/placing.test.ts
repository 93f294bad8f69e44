import fc from "fast-check";
import { expect, test } from "vitest";
import { atFreePlace, besideOthers, placeNode } from "../../../client/actions/placing.ts";
import { duplicateNodes } from "../../../client/edit/clipboard.ts";
import { nodeOf } from "../../../client/edit/graph.ts";
import type { LooseEnd } from "../../../client/edit/wish.ts";
import { emptyGraph, type GraphNode, newNode } from "../../../graphs/document/index.ts";
import type { ModelSummary } from "../../../server/protocol.ts";
import { catalogue } from "../support/catalogue.ts";
import { editorWith, opened } from "../support/editor.ts";
import { example } from "../support/graphs.ts";

const head = 28;
const box = fc.tuple(
  ...[fc.integer({ min: -300, max: 300 }), fc.integer({ min: -300, max: 300 })],
  ...[fc.integer({ min: 80, max: 300 }), fc.integer({ min: 40, max: 300 })],
) as fc.Arbitrary<[number, number, number, number]>;
const lieOnEachOther = ([ax, ay, aw, ah]: readonly number[], [bx, by, bw, bh]: readonly number[]) =>
  ax < bx + bw && bx < ax + aw && ay < by + bh && by < ay + ah;

/** What is seen of the canvas: more than there are places near a card, or less. */
type Seen = readonly [number, number, number, number];
const everywhere: Seen = [-4000, -4000, 8000, 8000];

function placed(
  there: readonly Seen[],
  [w, h]: readonly number[],
  place?: [number, number],
  seen = everywhere,
  held?: LooseEnd,
) {
  const canvas = { boxes: () => there, clear: seen, boxOf: () => [0, -head, w, h] };
  const editor = { canvas, graph: emptyGraph } as unknown as Parameters<typeof atFreePlace>[0];
  const node = newNode({ id: 1, type: "guidegraph/add", pos: [0, 0] }, catalogue.definitions);
  const [x, y] = atFreePlace(editor, node, place, held).pos;
  return [x, y - head, w, h];
}

test("a new node lies on no other, and where it is dropped if there is room", () => {
  const at = fc.tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -40, max: 40 }));
  fc.assert(
    fc.property(
      fc.array(box, { maxLength: 12 }),
      box,
      fc.option(at, { nil: undefined }),
      (there, [, , w, h], cells) => {
        const place = cells?.map((cell) => 8 * cell) as [number, number] | undefined;
        const [x, y] = placed(there, [w, h], place);
        expect(there.some((one) => lieOnEachOther(one, [x, y, w, h]))).toBe(false);
        const near = place && [place[0] - 16, place[1] - head - 16, w + 32, h + 32];
        if (near && !there.some((one) => lieOnEachOther(one, near))) expect([x, y + head]).toEqual(place);
      },
    ),
  );
});

test("a new node is seen whole, where there is room for it", () => {
  const seen: Seen = [-400, -300, 800, 600];
  const at = fc.tuple(fc.integer({ min: -400, max: 400 }), fc.integer({ min: -300, max: 300 }));
  fc.assert(
    fc.property(box, at, ([, , w, h], at) => {
      const [x, y] = placed([], [w, h], at, seen);
      expect([x >= -400, y >= -300, x + w <= 400, y + h <= 300]).toEqual([true, true, true, true]);
    }),
  );
});

test("what feeds the held end of a wire lies left of where it was dropped, what reads it right of it", () => {
  const end = { node: 1, slot: "x", kind: "tensor" };
  expect(placed([], [160, 80], [80, 0], everywhere, { ...end, side: "input" })[0]).toBe(-80);
  expect(placed([], [160, 80], [80, 0], everywhere, { ...end, side: "output" })[0]).toBe(80);
});

const models = [
  { id: "shapes32_weak.pt", role: "unet" },
  { id: "shapes32_diffusion.pt", role: "unet" },
  { id: "judge.pt", role: "classifier" },
  { id: "broken.pt", problem: "it lacks flags" },
] satisfies ModelSummary[];

const fileOf = (type: string, ...documents: Parameters<typeof opened>[2][]): unknown => {
  const editor = editorWith({ state: { models } });
  for (const [i, document] of documents.entries()) opened(editor, `tab-${i}`, document);
  opened(editor, "new", emptyGraph);
  const id = placeNode(editor, `guidegraph/${type}`, [0, 0]);
  return nodeOf(editor.graph, id)?.properties.file;
};

test("a new node loads what an open document loads so, else the only model of its role, else nothing", () => {
  expect(fileOf("load-unet", example("guided-ddim"))).toBe("shapes32_diffusion.pt");
  expect(fileOf("load-unet")).toBe("");
  expect(fileOf("load-classifier")).toBe("judge.pt");
  // The classifier that the example names is not here.
  expect(fileOf("load-classifier", example("guided-ddim"))).toBe("judge.pt");
  expect(fileOf("load-network")).toBe("");
  expect(fileOf("load-image", example("image-to-image"))).toBe("");
});

test("what is pasted lies on nothing, as far from each other as it was, and alone where it was wished", () => {
  const boxOf = ({ pos: [x, y], size: [w, h] }: GraphNode): Seen => [x, y, w, h];
  const graph = example("guided-ddim");
  const canvas = { boxes: () => graph.nodes.map(boxOf), clear: everywhere, boxOf };
  const editor = { canvas, graph } as unknown as Parameters<typeof besideOthers>[0];
  const chosen = new Set(graph.nodes.slice(0, 3).map(({ id }) => id));
  const wished = duplicateNodes(graph, chosen);
  const { graph: next, ids } = besideOthers(editor, wished);
  const [come, there] = [true, false].map((isNew) => next.nodes.filter(({ id }) => ids.has(id) === isNew));
  for (const one of come) expect(there.some((other) => lieOnEachOther(boxOf(one), boxOf(other)))).toBe(false);
  const apart = (nodes: readonly GraphNode[]) =>
    nodes.map(({ pos: [x, y] }) => [x - nodes[0].pos[0], y - nodes[0].pos[1]]);
  expect(apart(come)).toEqual(apart(wished.graph.nodes.filter(({ id }) => ids.has(id))));
  const alone = { canvas: { ...canvas, boxes: () => [] }, graph } as unknown as typeof editor;
  expect(besideOthers(alone, wished).graph).toEqual(wished.graph);
});
