import { expect, test } from "vitest";
import { placeNode } from "../../../client/actions/placing.ts";
import { nodeOf } from "../../../client/edit/graph.ts";
import { emptyGraph } from "../../../graphs/document/index.ts";
import type { ModelSummary } from "../../../server/protocol.ts";
import { editorWith, opened } from "../support/editor.ts";
import { example } from "../support/graphs.ts";

const models = [
  { id: "shapes32_weak.pt", role: "unet" },
  { id: "shapes32_diffusion.pt", role: "unet" },
  { id: "judge.pt", role: "classifier" },
  { id: "broken.pt", problem: "it lacks flags" },
] satisfies ModelSummary[];

const fileOf = (type: string, ...documents: Parameters<typeof opened>[2][]): unknown => {
  const editor = editorWith({ state: { models } });
  for (const [i, document] of documents.entries()) opened(editor, `tab-${i}`, document);
  opened(editor, "new", emptyGraph);
  const id = placeNode(editor, `guidegraph/${type}`, [0, 0]);
  return nodeOf(editor.graph, id)?.properties.file;
};

test("a new node loads what an open document loads so, else the only model of its role, else nothing", () => {
  expect(fileOf("load-unet", example("guided-ddim"))).toBe("shapes32_diffusion.pt");
  expect(fileOf("load-unet")).toBe("");
  expect(fileOf("load-classifier")).toBe("judge.pt");
  // The classifier that the example names is not here.
  expect(fileOf("load-classifier", example("guided-ddim"))).toBe("judge.pt");
  expect(fileOf("load-network")).toBe("");
  expect(fileOf("load-image", example("image-to-image"))).toBe("");
});
