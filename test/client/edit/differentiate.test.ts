import { expect, test } from "vitest";
import { catalogueOf } from "../../../client/edit/catalogue.ts";
import { differentiateStart, gradientWords } from "../../../client/edit/differentiate.ts";
import { withGraphAt } from "../../../client/edit/level.ts";
import { survey } from "../../../executor/index.ts";
import { documentBuilder, type Graph, newNode, portsOf } from "../../../graphs/document/index.ts";
import { describeNodes, nodes } from "../../../nodes/index.ts";

const catalogue = catalogueOf(describeNodes(nodes));
const { definitions } = catalogue;

const begun = (): Graph => {
  const node = newNode({ id: 1, type: "guidegraph/differentiate", inner: differentiateStart(catalogue) }, definitions);
  return { ...documentBuilder(nodes).document(), nodes: [node] };
};

test("a new Differentiate wants its x and nothing else", () => {
  const known = { network: () => ({}), image: () => ({}), tensor: () => ({}) } as never;
  const { problems } = survey(begun(), nodes, known);
  expect(problems.map(({ path, port }) => [path, port])).toEqual([["1", "x"]]);
});

test("its ends are chosen from the tensors of the graph inside", () => {
  const [node] = begun().nodes;
  const ports = portsOf(node, definitions);
  expect(ports?.inputs.of.parameter?.choices).toEqual(["loss"]);
  expect(ports?.inputs.by.parameter?.choices).toEqual(["x"]);
  expect(Object.keys(ports?.outputs ?? {})).toEqual(["gradient", "loss"]);
});

test("an end that is renamed inside is the end still", () => {
  const document = begun();
  const inner = document.nodes[0].inner as Graph;
  const nodes = inner.nodes.map((node) =>
    node.type === "guidegraph/output" ? { ...node, properties: { ...node.properties, name: "length" } } : node,
  );
  const [after] = withGraphAt(document, [1], { ...inner, nodes }, catalogue).nodes;
  expect(after.properties).toMatchObject({ of: "length", by: "x" });
  expect(gradientWords(after)).toBe(
    "The node around this graph gives the gradient of “length” by “x”, and every output of it.",
  );
  expect(gradientWords({ ...after, properties: { by: "x" } })).toMatch(/is chosen on the node around it/);
  expect(gradientWords({ ...after, type: "guidegraph/subgraph" })).toBeUndefined();
  expect(after.outputs.map(({ name }) => name)).toEqual(["gradient", "length"]);
});
