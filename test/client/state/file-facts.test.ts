/** What a card says of a file is said of the file as its node opens it. */
import { expect, test } from "vitest";
import { fileFacts } from "../../../client/state/file-facts.ts";
import { initialState } from "../../../client/state/state.ts";
import { newTab } from "../../../client/state/tab.ts";
import { documentBuilder } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";

const unusable = 'Cannot use checkpoint "bare.pt": its shapes do not tell everything: give --num_heads';
const models = [
  { id: "bare.pt", problem: unusable },
  { id: "known.pt", role: "unet", facts: { height: 32, width: 32, classes: 10 } },
] as const;
const state = { ...initialState("dark", 1440), models };

type Outcome = { readonly facts?: object; readonly problem?: string };

/** The caption of a node with these parameters, after a survey that came to this; without one where that is absent. */
function caption(type: string, parameters: Readonly<Record<string, string>>, outcome?: Outcome, level: number[] = []) {
  const b = documentBuilder(nodes, { title: "x" });
  const output = type === "load-unet" ? "model" : "classifier";
  b.add(`guidegraph/${type}`, parameters);
  const document = b.document();
  const [node] = document.nodes;
  const tab = newTab("x", document);
  const path = [...level, node.id].join("/");
  const known = outcome && {
    document,
    facts: new Map([[`${path} ${output}`, outcome.facts ?? {}]]),
    problems: outcome.problem === undefined ? [] : [{ node: path, port: "file", message: outcome.problem }],
  };
  return fileFacts(state, { ...tab, level, ...(known && { known }) }, node);
}

const flags = "--num_heads 4";
const facts = { height: 32, width: 32, classes: 7 };

test.each([
  ["load-unet", "bare.pt", "", undefined, unusable],
  ["load-unet", "bare.pt", flags, undefined, undefined],
  ["load-unet", "bare.pt", flags, { facts }, "32 × 32 · 7 classes"],
  ["load-classifier", "bare.pt", flags, { facts }, "32 × 32 · 7 classes"],
  ["load-classifier", "bare.pt", flags, { problem: "it is still too little" }, "it is still too little"],
  ["load-unet", "known.pt", "", undefined, "32 × 32 · 10 classes"],
  ["load-unet", "known.pt", "", { facts }, "32 × 32 · 7 classes"],
  ["load-unet", "known.pt", "--num_classes 7", undefined, undefined],
  ["load-unet", "known.pt", "--num_heads 3", { problem: "3 heads do not divide 64" }, "3 heads do not divide 64"],
  ["load-unet", "absent.pt", flags, { problem: "no file" }, "absent.pt is not on the server"],
] as const)("%s of %s with flags “%s” and a survey %j: %s", (type, file, flags, outcome, said) => {
  expect(caption(type, { file, flags }, outcome)).toBe(said);
  expect(caption(type, { file, flags, sha256: "ab" }, outcome)).toBe(said);
});

test("what a fit that was chosen makes of a file is not what the list says of it", () => {
  expect(caption("load-classifier", { file: "bare.pt", head: "sigmoid" })).toBeUndefined();
  expect(caption("load-classifier", { file: "bare.pt", head: "auto" })).toBe(unusable);
});
