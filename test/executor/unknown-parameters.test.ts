/** What a file sets and a node has not is told with the name that was meant, wherever the node lies; of our own files nothing is. */
import { expect, test } from "vitest";
import { survey } from "../../executor/index.ts";
import { openDocument, writeDocument } from "../../graphs/document/index.ts";
import { examples } from "../../graphs/recipes/index.ts";
import { nodes } from "../../nodes/index.ts";
import { fakeKnown } from "../support/fake-context.ts";

interface Written {
  readonly nodes: { type: string; properties: Record<string, unknown>; subgraph?: Written }[];
}

const guidedDdim = (): Written => JSON.parse(JSON.stringify(writeDocument(examples["guided-ddim"]())));

/** What is said of parameters that no node has. */
const said = (graph: unknown) =>
  survey(openDocument(graph).document, nodes, fakeKnown()).notes.flatMap(({ message }) =>
    /no parameter/.test(message) ? [message] : [],
  );

const everyNode = ({ nodes }: Written): Written["nodes"] =>
  nodes.flatMap((node) => [node, ...(node.subgraph ? everyNode(node.subgraph) : [])]);

test.each([
  ["guidegraph/gaussian-noise", "sede", 'It has no parameter "sede": did you mean "seed"?'],
  ["guidegraph/ddim-step", "etta", 'It has no parameter "etta": did you mean "eta"?'],
  ["guidegraph/sampling-loop", "orders", expect.stringMatching(/^It has no parameter "orders"/)],
  ["guidegraph/grid", "columms", 'It has no parameter "columms": did you mean "columns"?'],
  ["guidegraph/save-png", "xyzzy", expect.stringMatching(/^It has no parameter "xyzzy"/)],
])("%s with %s", (type, name, message) => {
  const graph = guidedDdim();
  const node = everyNode(graph).find((one) => one.type === type)!;
  node.properties[name] = 1;
  expect(said(graph)).toEqual([message]);
});

test("a file that sets thousands is not answered with thousands", () => {
  const graph = guidedDdim();
  for (let i = 0; i < 5_000; i++) graph.nodes[0].properties[`p${i}`] = i;
  expect(said(graph)).toHaveLength(20);
});

test.each(Object.keys(examples))("nothing is told of %s", (name) => {
  expect(said(writeDocument(examples[name as keyof typeof examples]()))).toEqual([]);
});
