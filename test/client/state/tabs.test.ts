import { expect, test } from "vitest";
import { moveNodes, removeNodes } from "../../../client/edit/graph.ts";
import { undo } from "../../../client/edit/history.ts";
import { leftWith, levelInside, viewHere, wentTo, withoutViews } from "../../../client/state/looking.ts";
import { initialState } from "../../../client/state/state.ts";
import {
  documentOf,
  editedDocument,
  editedGraph,
  newTab,
  placed,
  shownGraph,
  withHistory,
} from "../../../client/state/tab.ts";
import { activeTab, added, arrived, closed, graphOf, inTab, shown } from "../../../client/state/tabs.ts";
import { watchedOutput, watching } from "../../../client/state/watching.ts";
import { contentHash, type Graph, readDocument } from "../../../graphs/document/index.ts";
import { catalogue } from "../support/catalogue.ts";

const empty: Graph = { nodes: [], links: [], groups: [], about: { versions: {} } };
const document = readDocument({
  nodes: [
    { id: 1, type: "guidegraph/note" },
    { id: 2, type: "guidegraph/subgraph" },
  ],
  links: [],
});
const holding = (inner: Graph) => ({
  ...document,
  nodes: document.nodes.map((node) => (node.id === 2 ? { ...node, inner } : node)),
});
const tab = newTab("one", holding(empty), "one");
const titled = (title: string) => (graph: Graph) => ({ ...graph, about: { ...graph.about, title } });

test("a tab is never changed in place", () => {
  const before = structuredClone(tab);
  editedGraph(tab, titled("a"), catalogue);
  leftWith(tab, { x: 1, y: 2, scale: 1 });
  watching(tab, 1, "x");
  placed(tab, new Map([[1, [8, 8]]]), catalogue);
  expect(tab).toEqual(before);
});

test("an edit that changes nothing is none", () => {
  expect(editedGraph(tab, (graph) => graph, catalogue)).toBe(tab);
});

test("an edit takes back why the last run was refused, and what is selected no more", () => {
  const refused = { ...tab, problems: [{ message: "no" }], selection: new Set([1, 2]) };
  const next = editedGraph(refused, (graph) => removeNodes(graph, new Set([1])), catalogue);
  expect(next.problems).toEqual([]);
  expect([...next.selection]).toEqual([2]);
});

test("where undo takes a node away one looks at what is around it", () => {
  const before = newTab("one", document);
  const inside = wentTo(editedDocument(before, holding(empty)), [2]);
  expect(inside.level).toEqual([2]);
  const after = withHistory(inside, undo(inside.history));
  expect(after.level).toEqual([]);
  expect(shownGraph(after)).toBe(document);
});

test("placing makes no undo step, and a document that was only opened stays unsaved", () => {
  const places = new Map([[1, [80, 160] as const]]);
  const next = placed({ ...tab, ran: document }, places, catalogue);
  expect(next.history.past).toEqual([]);
  expect(next.saved).toBe(documentOf(next));
  expect(next.ran).toBeUndefined();
  expect(documentOf(next).nodes[0].pos).toEqual([80, 160]);
  const edited = editedGraph(tab, titled("a"), catalogue);
  const placedLater = placed(edited, places, catalogue);
  expect(placedLater.history.past).toEqual(edited.history.past);
  expect(placedLater.saved).toBe(tab.saved);
});

test("a copy of the library is one's own from its first edit on, moves do not count", () => {
  const [node] = document.nodes;
  const inner = { ...empty, nodes: [{ ...node, type: "guidegraph/text" }] };
  const about = { versions: {}, library: { name: "mine", version: 1, hash: contentHash(inner) } };
  const inside = wentTo(newTab("one", holding({ ...inner, about })), [2]);
  const moved = editedGraph(inside, (graph) => moveNodes(graph, new Map([[1, [8, 8]]])), catalogue);
  expect([...moved.own]).toEqual([]);
  const edited = editedGraph(moved, (graph) => ({ ...graph, nodes: [] }), catalogue);
  expect([...edited.own]).toEqual(["2"]);
});

test("views are kept by level, and forgotten with the level", () => {
  const view = { x: 1, y: 2, scale: 0.5 };
  const both = leftWith(wentTo(leftWith(tab, view), [2]), { ...view, x: 3 });
  expect([viewHere(wentTo(both, [])), viewHere(both)]).toEqual([view, { ...view, x: 3 }]);
  expect(viewHere(withoutViews(both, [2]))).toBeUndefined();
  expect(viewHere(leftWith(both, undefined))).toBeUndefined();
  expect([...wentTo(both, []).selection]).toEqual([2]);
});

test("one goes through a node that holds nothing but another that holds something", () => {
  const inner = { ...empty, nodes: holding(empty).nodes.slice(1) };
  expect(levelInside(newTab("one", holding(inner)), 2)).toEqual([2, 2]);
  expect(levelInside(tab, 2)).toEqual([2]);
  expect(levelInside(tab, 1)).toBeUndefined();
});

test("one output of a node is watched; again, none", () => {
  const one = watching(tab, 1, "x");
  expect(watchedOutput(one, 1)).toBe("x");
  expect(watchedOutput(watching(one, 1, "y"), 1)).toBe("y");
  expect(watchedOutput(watching(one, 1, "x"), 1)).toBeUndefined();
});

test("the document that is closed is followed by its neighbour, the last one by the start page", () => {
  const open = ["a", "b", "c"].reduce(
    (state, key) => added(newTab(key, document, key))(state),
    initialState("dark", 1440),
  );
  const without = (key: string, active: string) => closed(key)(shown(active)(open)).active;
  expect([without("b", "b"), without("c", "c"), without("a", "c")]).toEqual(["c", "b", "c"]);
  const alone = shown("a")(added(newTab("a", document, "a"))(initialState("dark", 1440)));
  expect(closed("a")(alone).active).toBe("");
  expect(graphOf(closed("a")(alone)).nodes).toEqual([]);
});

test("showing a document closes what floats and goes to the last step", () => {
  const state = { ...added(tab)(initialState("dark", 1440)), overlay: { is: "queue" } as const, step: 3 };
  expect(shown("one")(state)).toMatchObject({ active: "one", overlay: undefined, step: undefined, arrivals: 1 });
  expect(activeTab(shown("one")(state))).toBe(tab);
  expect(arrived(state).arrivals).toBe(1);
});

test("a document that was closed meanwhile stays closed", () => {
  const state = initialState("dark", 1440);
  expect(inTab("gone", (tab) => ({ ...tab, name: "back" }))(state)).toBe(state);
});

test("a document that is closed twice takes no other with it", () => {
  const state = added(tab)(initialState("dark", 1440));
  expect(closed("gone")(state)).toBe(state);
});
