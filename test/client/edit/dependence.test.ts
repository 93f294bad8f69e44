import { expect, test } from "vitest";
import { dependenceOf } from "../../../client/edit/dependence.ts";
import { removeNodes, setProperty, setTitle, toggleOff } from "../../../client/edit/graph.ts";
import { withGraphAt } from "../../../client/edit/level.ts";
import type { Graph } from "../../../graphs/document/index.ts";
import { catalogue } from "../support/catalogue.ts";
import { example } from "../support/graphs.ts";

const document = example("guided-ddim");
const idOf = (type: string, graph: Graph = document): number => {
  const node = graph.nodes.find((one) => one.type === `guidegraph/${type}`);
  if (!node) throw new Error(`There is no ${type}`);
  return node.id;
};
const sink = document.nodes.find(({ outputs, type }) => outputs.length === 0 && type !== "guidegraph/note")?.id ?? 0;
const now = (graph: Graph) => dependenceOf(graph, [], sink);
const before = now(document);

test("a picture is of an earlier setting when a parameter or a wire before it is another", () => {
  expect(now(setProperty(document, idOf("class-labels"), "seed", 77, catalogue))).not.toBe(before);
  expect(now(toggleOff(document, new Set([idOf("load-classifier")]), "muted"))).not.toBe(before);
  expect(now(removeNodes(document, new Set([idOf("load-classifier")])))).not.toBe(before);
});

test("a file's name, a title, a place and what hangs beside it change nothing", () => {
  const others = document.nodes.filter(({ outputs, id }) => outputs.length === 0 && id !== sink).map(({ id }) => id);
  expect(others.length).toBeGreaterThan(0);
  expect(now(toggleOff(document, new Set(others), "muted"))).toBe(before);
  expect(now(removeNodes(document, new Set(others)))).toBe(before);
  expect(now(setTitle(document, idOf("class-labels"), "Another"))).toBe(before);
  expect(now(setProperty(document, sink, "name", "elsewhere", catalogue))).toBe(before);
});

test("what shows inside a sampler depends on what is wired to the sampler", () => {
  const holder = document.nodes.find(({ inner }) => inner)?.id ?? 0;
  const loop = document.nodes.find(({ id }) => id === holder)?.inner?.nodes.find(({ inner }) => inner)?.id ?? 0;
  const inside = (graph: Graph) => dependenceOf(graph, [holder], loop);
  expect(inside(document)).toBeDefined();
  expect(inside(setProperty(document, idOf("class-labels"), "seed", 77, catalogue))).not.toBe(inside(document));
  const inner = document.nodes.find(({ id }) => id === holder)?.inner as Graph;
  const moved = withGraphAt(document, [holder], { ...inner, groups: [] }, catalogue);
  expect(inside(moved)).toBe(inside(document));
});
