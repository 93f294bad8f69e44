import { expect, test } from "vitest";
import { copyNodes, duplicateNodes, pasteText } from "../../../client/edit/clipboard.ts";
import { example } from "../support/graphs.ts";

const graph = example("guided-ddim");
const idOf = (type: string) => graph.nodes.find((node) => node.type === `guidegraph/${type}`)?.id as number;
const chosen = new Set([idOf("load-classifier"), idOf("build-cond-fn")]);

test("what is copied is pasted with the wires between it and its values, under ids of its own", () => {
  const { graph: next, ids } = pasteText(graph, copyNodes(graph, chosen), [400, 300]);
  expect(next.nodes).toHaveLength(graph.nodes.length + 2);
  const pasted = next.nodes.filter(({ id }) => ids.has(id));
  expect(pasted.map(({ type }) => type).sort()).toEqual(["guidegraph/build-cond-fn", "guidegraph/load-classifier"]);
  // Its middle lies where it was pasted, on the grid.
  const [xs, ys] = [0, 1].map((i) => pasted.flatMap(({ pos, size }) => [pos[i], pos[i] + size[i]]));
  expect(Math.abs((Math.min(...xs) + Math.max(...xs)) / 2 - 400)).toBeLessThanOrEqual(4);
  expect(Math.abs((Math.min(...ys) + Math.max(...ys)) / 2 - 300)).toBeLessThanOrEqual(4);
  const links = next.links.filter(({ to }) => ids.has(to));
  expect(links).toEqual([expect.objectContaining({ output: "classifier", input: "classifier" })]);
  expect(new Set(next.links.map(({ id }) => id)).size).toBe(next.links.length);
});

test("a duplicate hangs on the wires that enter the original", () => {
  const { graph: next, ids } = duplicateNodes(graph, chosen);
  const entering = next.links.filter(({ from, to }) => ids.has(to) && !ids.has(from));
  expect(entering).toEqual([expect.objectContaining({ input: "labels" })]);
});

test("what is no graph is refused", () => {
  expect(() => pasteText(graph, '{"nodes": 3}')).toThrow(/nodes/);
});
