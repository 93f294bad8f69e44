import { expect, test } from "vitest";
import { addBorder, promote } from "../../../client/edit/border.ts";
import { addNode, nodeOf, toggleInput, typeInput } from "../../../client/edit/graph.ts";
import { graphAt, withGraphAt } from "../../../client/edit/level.ts";
import { isUntouched } from "../../../client/edit/origin.ts";
import { parametersOf } from "../../../client/edit/parameters.ts";
import { type Graph, type GraphNode, newNode, portsOf } from "../../../graphs/document/index.ts";
import { catalogue } from "../support/catalogue.ts";
import { example } from "../support/graphs.ts";

const document = example("red-star");
const loop = document.nodes.find(({ inner }) => inner !== undefined);
const inner = graphAt(document, [loop?.id as number]) as Graph;
const outside = (graph: Graph) =>
  withGraphAt(document, [loop?.id as number], graph, catalogue).nodes.find(({ id }) => id === loop?.id);

test("a promoted parameter is a parameter of the node outside, with the value it had", () => {
  const add = inner.nodes.find(({ type }) => type === "guidegraph/add");
  const next = promote(inner, { catalogue, holder: loop }, add?.id as number, "weight_b", "number");
  expect(outside(next)?.properties.weight_b).toBe(1);
  expect(next.links).toContainEqual(expect.objectContaining({ to: add?.id, input: "weight_b" }));
  // A second one of the name gets a name of its own.
  expect(
    outside(promote(next, { catalogue, holder: loop }, add?.id as number, "weight_b", "number"))?.properties,
  ).toHaveProperty("weight_b_2");
});

test("what only a wire brought is a parameter of the node outside once a value is typed, and a slot again", () => {
  const formula = newNode({ id: 900, type: "guidegraph/formula", set: { formula: "a" } }, catalogue.definitions);
  const lettered = promote(addNode(inner, formula, catalogue), { catalogue, holder: loop }, 900, "a", "number");
  const graph = withGraphAt(document, [loop?.id as number], lettered, catalogue);
  const node = (graph: Graph) => nodeOf(graph, loop?.id as number) as GraphNode;
  const shown = (graph: Graph) =>
    parametersOf(node(graph), portsOf(node(graph), catalogue.definitions)?.inputs ?? {}).find(
      ({ name }) => name === "a",
    );
  expect(node(graph).inputs).toContainEqual({ name: "a", type: "number" });
  expect(shown(graph)).toBe(undefined);
  const typed = typeInput(graph, loop?.id as number, "a", 0, catalogue);
  expect(node(typed).inputs).not.toContainEqual({ name: "a", type: "number" });
  expect(shown(typed)?.value).toBe(0);
  expect(node(toggleInput(typed, loop?.id as number, "a", "number")).inputs).toContainEqual({
    name: "a",
    type: "number",
  });
});

test("a wire dropped on a new output of the graph is an output of the node outside", () => {
  const gradient = inner.nodes.find(({ type }) => type === "guidegraph/guidance-gradient");
  const held = { node: gradient?.id as number, slot: "gradient", side: "output", kind: "tensor" } as const;
  expect(outside(addBorder(inner, { catalogue, holder: loop }, held, [0, 0]))?.outputs).toEqual([
    { name: "x", type: "tensor" },
    { name: "gradient", type: "tensor" },
  ]);
});

test.each([
  ["guidegraph/differentiate", "output", "gradient", "tensor", "gradient_2"],
  ["guidegraph/differentiate", "output", "loss", "tensor", "loss"],
  ["guidegraph/sampling-loop", "output", "gradient", "tensor", "gradient"],
  ["guidegraph/sampling-loop", "input", "step", "tensor", "step_2"],
  ["guidegraph/sampling-loop", "input", "step", "step", "step"],
  ["guidegraph/subgraph", "input", "step", "tensor", "step"],
] as const)("in a %s a new %s %s, a %s, is called %s", (type, side, slot, kind, name) => {
  const scale = newNode({ id: 900, type: "guidegraph/scale", pos: [0, 0] }, catalogue.definitions);
  const holder = newNode({ id: 1, type, pos: [0, 0] }, catalogue.definitions);
  const graph = addNode({ ...inner, nodes: [] as const, links: [] as const }, scale, catalogue);
  const { nodes } = addBorder(graph, { catalogue, holder }, { node: 900, slot, side, kind }, [0, 0]);
  expect(nodes.at(-1)?.properties).toMatchObject({ name, kind });
});

test("moving nodes inside a library sampler is no edit of it", () => {
  const guided = example("guided-ddim");
  const level = [7, 9];
  const moved = graphAt(guided, level) as Graph;
  const next = withGraphAt(
    guided,
    level,
    { ...moved, nodes: moved.nodes.map((node) => ({ ...node, pos: [0, 0] as const })) },
    catalogue,
  );
  expect(isUntouched(graphAt(next, [7]))).toBe(true);
});
