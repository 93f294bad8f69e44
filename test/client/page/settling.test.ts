import { expect, test } from "vitest";
import type { Card } from "../../../client/canvas/card.ts";
import type { Box } from "../../../client/canvas/view.ts";
import { betterPlaces } from "../../../client/page/settling.ts";
import { wentTo } from "../../../client/state/looking.ts";
import { editedDocument, newTab } from "../../../client/state/tab.ts";
import { contentHash, type Graph, readDocument } from "../../../graphs/document/index.ts";

const document = readDocument({ nodes: [{ id: 1, type: "guidegraph/subgraph" }], links: [] });
const tab = newTab("one", document);
const edited = editedDocument(tab, { ...document });
const [near, far]: [Box[], Box[]] = [
  [
    [0, 0, 200, 100],
    [300, 0, 200, 100],
  ],
  [
    [0, 0, 200, 100],
    [3000, 0, 200, 100],
  ],
];
const places = new Map([
  [0, [0, 0] as const],
  [1, [300, 0] as const],
]);
/** A window on these cards. */
const sight = (boxes: Box[]) => ({
  boxes: () => boxes,
  card: (id: number) => ({ box: boxes[id], head: 0 }) as unknown as Card,
  element: { clientWidth: 1000, clientHeight: 800 },
});
const laidOut = () => places;

test("cards that lie on each other are placed, whatever was edited", () => {
  const heap: Box[] = [near[0], near[0]];
  for (const one of [tab, edited]) expect(betterPlaces(sight(heap), one, laidOut)).toBe(places);
});

test("what was let touch another by hand stays, before and after a reload; of a file that comes it does not", () => {
  const touching: Box[] = [near[0], [190, 90, 200, 100]];
  const restored = { ...tab, restored: true as const };
  for (const one of [edited, restored]) expect(betterPlaces(sight(touching), one, laidOut)).toBeUndefined();
  expect(betterPlaces(sight(touching), tab, laidOut)).toBe(places);
  expect(betterPlaces(sight(far), restored, laidOut)).toBeUndefined();
});

test("a graph that can be read stays where it is", () => {
  expect(betterPlaces(sight(near), tab, laidOut)).toBeUndefined();
  expect(betterPlaces(sight([]), tab, laidOut)).toBeUndefined();
});

test("a graph that is too wide to read is placed where that makes it larger", () => {
  expect(betterPlaces(sight(far), tab, laidOut)).toBe(places);
  const noBetter = new Map(far.map(([x, y], id) => [id, [x, y] as const]));
  expect(betterPlaces(sight(far), tab, () => noBetter)).toBeUndefined();
});

test("a graph with an own past stays, but for a copy that is as the library gave it", () => {
  expect(betterPlaces(sight(far), edited, laidOut)).toBeUndefined();
  const inner: Graph = { nodes: [], links: [], groups: [], about: { versions: {} } };
  const about = { versions: {}, library: { name: "mine", version: 1, hash: contentHash(inner) } };
  const holding = { ...document, nodes: document.nodes.map((node) => ({ ...node, inner: { ...inner, about } })) };
  const inCopy = wentTo(editedDocument(tab, holding), [1]);
  expect(betterPlaces(sight(far), inCopy, laidOut)).toBe(places);
});
