import { describe, expect, test } from "vitest";
import {
  contentHash,
  documentBuilder,
  type GraphDocument,
  readDocument,
  realReaders,
  realSource,
  setParameter,
  straightened,
  withRerouteKinds,
  writeDocument,
} from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";

/** 1 Load UNet → 2 → 3 → 4 Predict, with a note. */
function chain(): GraphDocument {
  const b = documentBuilder(nodes);
  const model = b.add("guidegraph/load-unet").out("model");
  const first = b.add("guidegraph/reroute", { value: model }).out("value");
  const second = b.add("guidegraph/reroute", { value: first }).out("value");
  b.add("guidegraph/predict", { model: second });
  b.add("guidegraph/note", { text: "Read me" });
  return b.document();
}

describe("a reroute", () => {
  test("has slots of the kind that passes, and of any when nothing does", () => {
    const document = chain();
    const kindsOf = (id: number) => {
      const { inputs, outputs } = document.nodes[id - 1];
      return [...inputs, ...outputs].map(({ name, type }) => `${name} ${type}`);
    };
    expect(kindsOf(2)).toEqual(["value model", "value model"]);
    expect(kindsOf(3)).toEqual(["value model", "value model"]);
    const links = document.links.filter(({ from }) => from !== 1);
    const unfed = withRerouteKinds({ ...document, links });
    expect(unfed.nodes[1].outputs[0].type).toBe("model");
    expect(withRerouteKinds({ ...document, links: [] }).nodes[1].outputs[0].type).toBe("*");
    expect(withRerouteKinds(document)).toBe(document);
  });

  test("is looked through from both ends", () => {
    const document = chain();
    expect(straightened(document).map(({ from, output, to }) => [from, output, to])).toEqual([
      [1, "model", 2],
      [1, "model", 3],
      [1, "model", 4],
    ]);
    expect(realSource(document, { node: 3, slot: "value" })).toEqual({ node: 1, slot: "model" });
    expect(realReaders(document, { node: 2, slot: "value" })).toEqual([{ node: 4, slot: "model" }]);
  });

  test("is written in litegraph's form and read again", () => {
    const document = chain();
    expect(readDocument(JSON.parse(JSON.stringify(writeDocument(document))))).toEqual(document);
  });
});

test("notes and reroutes do not count in the hash of what a graph does", () => {
  const document = chain();
  const noted = setParameter(document, "Note.text", "Something else", nodes);
  expect(contentHash(noted)).toBe(contentHash(document));
  const links = [
    ...document.links.filter(({ to }) => to !== 4),
    { id: 9, from: 1, output: "model", to: 4, input: "model" },
  ];
  expect(contentHash({ ...document, links })).toBe(contentHash(document));
  expect(contentHash({ ...document, links: links.slice(0, -1) })).not.toBe(contentHash(document));
  const muted = document.nodes.map((node) => (node.id === 2 ? { ...node, mode: 2 as const } : node));
  expect(contentHash({ ...document, nodes: muted })).not.toBe(contentHash(document));
});
