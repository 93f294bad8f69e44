/** What a bypassed node gives in the place of its outputs, for every node: what enters it where that is the same thing, else nothing. */
import { expect, test } from "vitest";
import { survey } from "../../executor/index.ts";
import { documentBuilder, type GraphDocument, type InnerBuilder, type Wire } from "../../graphs/document/index.ts";
import { type AnyNode, isStructure, nodes, type Ports, type Registry } from "../../nodes/index.ts";
import { fakeKnown } from "../support/fake-context.ts";

const tensors = (ports: Ports) => Object.entries(ports).filter(([, { kind }]) => kind === "tensor");
const definitions = Object.values(nodes as Registry).flatMap((entry): AnyNode[] => (isStructure(entry) ? [] : [entry]));
const cases = definitions.flatMap(({ type, title, inputs, outputs }) =>
  tensors(inputs).length > 0 ? tensors(outputs).map(([output, port]) => ({ type, title, inputs, output, port })) : [],
);

const problemsOf = (document: GraphDocument): string[] =>
  survey(document, nodes, fakeKnown()).problems.map(({ message }) => message);

/** Where the node is: by itself, or all that one holds that is bypassed. */
const places = ["alone", "subgraph", "subgraph in a subgraph", "differentiate"] as const;
type Around = Pick<InnerBuilder, "add" | "subgraph" | "differentiate">;

/** What leaves the node, or what holds it, under `result`. */
function placed(
  b: Around,
  place: (typeof places)[number],
  given: Readonly<Record<string, Wire>>,
  type: string,
  output: string,
) {
  if (place === "alone") return b.add(type, given).out(output);
  const build = (inner: InnerBuilder) => {
    const within = Object.fromEntries(Object.keys(given).map((name) => [name, inner.input(`given ${name}`, "tensor")]));
    const deeper = place === "subgraph in a subgraph" ? "subgraph" : "alone";
    inner.output("result", "tensor", placed(inner, deeper, within, type, output));
  };
  const entering = Object.fromEntries(Object.entries(given).map(([name, wire]) => [`given ${name}`, wire]));
  return (
    place === "differentiate" ? b.differentiate("Held", entering, build) : b.subgraph("Held", entering, build)
  ).out("result");
}

const placedCases = places.flatMap((place) => cases.map((one) => ({ ...one, place })));

test.each(placedCases)("$title, $output, $place", ({ type, title, inputs, output, place, port: { meaning, own } }) => {
  const b = documentBuilder(nodes);
  const x = b.add("guidegraph/gaussian-noise", { batch: 1, channels: 3, height: 8, width: 8 }).out("x_T");
  const wired = Object.fromEntries(tensors(inputs).map(([name]) => [name, x]));
  const result = placed(b, place, wired, type, output);
  b.add("guidegraph/save-tensor", { tensor: result });
  const document = b.document();
  const off = document.nodes.map((node) => (node.id === 2 ? { ...node, mode: 4 as const } : node));
  const isLed = !own && tensors(inputs).some(([, port]) => meaning === undefined || port.meaning === meaning);
  const [called, what] = place === "alone" ? [title, output] : ["Held", "result"];
  const refused = `It is fed by ${called} (2), which is bypassed: what enters it is no “${what}”`;
  expect(problemsOf({ ...document, nodes: off })).toEqual(isLed ? [] : [refused]);
});

test.each(["subgraph", "differentiate"] as const)("a %s gives what enters it under the same name", (structure) => {
  const b = documentBuilder(nodes);
  const [other, x] = [4, 8].map((height) =>
    b.add("guidegraph/gaussian-noise", { batch: 1, channels: 3, height, width: 8 }).out("x_T"),
  );
  const held = b[structure]("Held", { other, x }, (inner) => {
    inner.input("other", "tensor");
    const target = inner.input("x", "tensor");
    inner.output("x", "tensor", inner.add("guidegraph/squared-error", { tensor: target, target }).out("loss"));
  });
  b.add("guidegraph/save-tensor", { tensor: b.add("guidegraph/add", { a: held.out("x"), b: x }).out("tensor") });
  const document = b.document();
  const off = document.nodes.map((node) => (node.id === 3 ? { ...node, mode: 4 as const } : node));
  expect(problemsOf({ ...document, nodes: off })).toEqual([]);
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
      "Apply Network.tensor",
      "Rank.indices",
    ]),
  );
});
