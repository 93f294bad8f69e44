import { describe, expect, test } from "vitest";
import {
  DocumentError,
  noGraphInPicture,
  openDocument,
  readDocument,
  writeDocument,
} from "../../../graphs/document/index.ts";
import { encodePng, keywordsOf, textChunk, withText } from "../../../runtime/codecs/index.ts";
import { comfy04, comfy10, comfyPrompt } from "./foreign-graphs.ts";

const node = (id: unknown, rest: object = {}) => ({
  id,
  type: "other/thing",
  inputs: [{ name: "a", type: "number", link: null }],
  outputs: [{ name: "x", type: "number", links: null }],
  ...rest,
});

const concatenated = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

function refusalOf(json: unknown): string {
  try {
    openDocument(json);
  } catch (error) {
    if (error instanceof DocumentError) return error.message;
    throw error;
  }
  throw new Error("It was opened");
}

describe("oddities of litegraph's files", () => {
  const two = [node(1), node(2)];
  test.each<[string, object, string, number]>([
    [
      "a wire from nowhere",
      { nodes: two, links: [[1, 9, 0, 2, 0]] },
      "Left out: 1 wire from or to a node that is not there.",
      0,
    ],
    [
      "a wire into no slot",
      {
        nodes: two,
        links: [
          [1, 1, 0, 2, 5],
          [2, 1, 0, 2, 0],
        ],
      },
      "Left out: 1 wire from or to a slot that is not there.",
      1,
    ],
    [
      "empty wires",
      { nodes: two, links: [null, [1, 1, 0, 2, 0], null] },
      "Left out: 2 empty entries among the wires.",
      1,
    ],
    [
      "a wire twice",
      {
        nodes: two,
        links: [
          [1, 1, 0, 2, 0],
          [1, 1, 0, 2, 0],
        ],
      },
      "Left out: 1 wire with the number of another.",
      1,
    ],
    [
      "two wires into one input",
      {
        nodes: two,
        links: [
          [1, 1, 0, 2, 0],
          [2, 1, 0, 2, 0],
        ],
      },
      "Left out: 1 wire into an input that has one already.",
      1,
    ],
    [
      "ids that are text",
      { nodes: [node("a"), node("5f3c-b")], links: [["l", "a", 0, "5f3c-b", 0]] },
      "Numbered anew: 2 nodes whose id is no number of its own, 1 wire whose id is no whole number.",
      1,
    ],
    [
      "negative ids",
      { nodes: [node(-1), node(2)], links: [[1, -1, 0, 2, 0]] },
      "Numbered anew: 1 node whose id is no number of its own.",
      1,
    ],
    [
      "an id twice",
      { nodes: [node(1), node(1), node(2)], links: [[1, 1, 0, 2, 0]] },
      "Numbered anew: 1 node whose id is no number of its own.",
      1,
    ],
    [
      "a wire from a border that newer litegraphs number −10",
      { nodes: two, links: [[1, -10, 0, 2, 0]] },
      "Left out: 1 wire from or to a node that is not there.",
      0,
    ],
    [
      "methods",
      { nodes: [node(1, { onExecute: "alert(1)" })], links: [], configure: 1 },
      "Left out: 2 keys named as litegraph’s own methods.",
      0,
    ],
  ])("%s: the file opens, and the notice counts", (_, file, note, links) => {
    const { document, notes } = openDocument(file);
    expect(notes).toEqual([note]);
    expect(document.links).toHaveLength(links);
    expect(openDocument(writeDocument(document)).notes).toEqual([]);
  });

  test("in a graph inside a node count too", () => {
    const inner = { nodes: [node("x")], links: [null, [4, 8, 0, 9, 0]] };
    const { notes } = openDocument({ nodes: [node(1, { subgraph: inner })], links: [] });
    expect(notes).toEqual([
      "Left out: 1 empty entry among the wires, 1 wire from or to a node that is not there.",
      "Numbered anew: 1 node whose id is no number of its own.",
    ]);
  });

  test("wires follow the new numbers of their ends, also where only the slots know of them", () => {
    const from = node("left", { outputs: [{ name: "x" }, { name: "y", links: ["w"] }] });
    const { document } = openDocument({ nodes: [from, node(7)], links: [["w", "left", 0, 7, 0, "number"]] });
    expect(document.links).toMatchObject([{ from: 8, output: "y", to: 7, input: "a" }]);
  });

  test("kinds in a list, event slots, links as objects and slots without a name of their own are nothing to be told", () => {
    const slots = [
      { type: ["a", "b"] },
      { name: "m", type: -1 },
      { name: "m", type: -1 },
      { name: "m_2" },
      { name: null },
    ];
    const link = { id: 1, origin_id: 1, origin_slot: 0, target_id: 2, target_slot: 2 };
    const file = { nodes: [node(1), node(2, { inputs: slots })], links: [link] };
    const { document, notes } = openDocument(file);
    expect(notes).toEqual([]);
    expect(document.nodes[1].inputs.map(({ name, type }) => [name, type])).toEqual([
      ["input_1", "a,b"],
      ["m", -1],
      ["m_3", -1],
      ["m_2", 0],
      ["input_2", 0],
    ]);
    expect(document.links).toMatchObject([{ to: 2, input: "m_3" }]);
    expect(JSON.parse(JSON.stringify(writeDocument(document)))).toEqual(file);
  });

  test("that programs send are refused, not mended", () => {
    expect(() => readDocument({ nodes: two, links: [[1, 9, 0, 2, 0]] })).toThrow(
      "comes from node 9, which is not there",
    );
  });
});

describe("files of other programs", () => {
  test("a picture of ComfyUI is named by the keywords of its texts", () => {
    const plain = encodePng({ dims: [1, 2, 2, 3], data: new Uint8Array(12) });
    const png = concatenated(withText(plain, textChunk("workflow", JSON.stringify(comfy04))));
    expect(keywordsOf(png)).toEqual(["workflow"]);
    expect(noGraphInPicture(keywordsOf(png))).toBe("it was made by ComfyUI, whose nodes GuideGraph does not have");
    expect(noGraphInPicture(["toString"])).toContain("it carries no graph");
  });

  test.each([
    ["0.4", comfy04],
    ["1.0", comfy10],
  ])("a ComfyUI graph of version %s opens and is named", (_, file) => {
    expect(openDocument(file).notes).toEqual([
      "It was made for ComfyUI: its nodes are kept as they are and do nothing here.",
    ]);
  });

  test("an API prompt is recognised, bare and as it is sent", () => {
    const sentence =
      "Cannot read the graph: it is a ComfyUI prompt in API format (2 nodes: KSampler, CheckpointLoaderSimple), which ComfyUI runs and GuideGraph does not";
    expect(refusalOf(comfyPrompt)).toBe(sentence);
    expect(refusalOf({ prompt: comfyPrompt, client_id: "x" })).toBe(sentence);
  });

  test.each([
    [{}, "it is JSON, but no graph: a graph has a list of nodes, and this is empty"],
    [{ name: "x", version: "1.0.0", scripts: {} }, "this has name, version, scripts"],
    [[1, 2], "it is a list, and a graph is an object with a list of nodes"],
    [3, "it is a number"],
    [null, "it is null"],
    ["{", "its JSON breaks off at its end"],
  ])("%j is said to be no graph", (json, words) => {
    expect(refusalOf(json)).toContain(words);
  });
});
