/** What a bypassed node gives in the place of its outputs, for every node: what enters it where that is the same thing, else nothing. */
import { expect, test } from "vitest";
import { survey } from "../../executor/index.ts";
import { documentBuilder, type GraphDocument } from "../../graphs/document/index.ts";
import { type AnyNode, isStructure, nodes, type Ports, type Registry } from "../../nodes/index.ts";
import { fakeKnown } from "../support/fake-context.ts";

const tensors = (ports: Ports) => Object.entries(ports).filter(([, { kind }]) => kind === "tensor");
const definitions = Object.values(nodes as Registry).flatMap((entry): AnyNode[] => (isStructure(entry) ? [] : [entry]));
const cases = definitions.flatMap(({ type, title, inputs, outputs }) =>
  tensors(inputs).length > 0 ? tensors(outputs).map(([output, port]) => ({ type, title, inputs, output, port })) : [],
);

const problemsOf = (document: GraphDocument): string[] =>
  survey(document, nodes, fakeKnown()).problems.map(({ message }) => message);

test.each(cases)("$title, $output", ({ type, title, inputs, output, port: { meaning, own } }) => {
  const b = documentBuilder(nodes);
  const x = b.add("guidegraph/gaussian-noise", { batch: 1, channels: 3, height: 8, width: 8 }).out("x_T");
  const wired = Object.fromEntries(tensors(inputs).map(([name]) => [name, x]));
  b.add("guidegraph/save-tensor", { tensor: b.add(type, wired).out(output) });
  const document = b.document();
  const off = document.nodes.map((node) => (node.type === type ? { ...node, mode: 4 as const } : node));
  const isLed = !own && tensors(inputs).some(([, port]) => meaning === undefined || port.meaning === meaning);
  const refused = `It is fed by ${title} (2), which is bypassed: what enters it is no “${output}”`;
  expect(problemsOf({ ...document, nodes: off })).toEqual(isLed ? [] : [refused]);
});

test("what is told of them is what a graph is guided by, and what a loss is made of", () => {
  const gone = cases.filter(({ inputs, port: { meaning, own } }) =>
    own ? true : meaning !== undefined && !tensors(inputs).some(([, port]) => port.meaning === meaning),
  );
  expect(gone.map(({ title, output }) => `${title}.${output}`)).toEqual(
    expect.arrayContaining([
      "Guidance Gradient.gradient",
      "Mean & Variance.pred_xstart",
      "Squared Error.loss",
      "Rank.indices",
    ]),
  );
});
