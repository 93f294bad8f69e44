import { afterEach, expect, test, vi } from "vitest";
import { commands } from "../../../client/actions/commands.ts";
import { copyLink } from "../../../client/actions/documents.ts";
import type { Editor } from "../../../client/actions/editor.ts";
import { newTab } from "../../../client/state/tab.ts";
import { type Graph, readDocument } from "../../../graphs/document/index.ts";

const document = readDocument({ nodes: [{ id: 1, type: "guidegraph/note" }], links: [] });

afterEach(() => {
  vi.unstubAllGlobals();
});

test("what is cut goes at once, whenever the browser takes the copy", () => {
  vi.stubGlobal("navigator", { clipboard: { writeText: () => new Promise(() => {}) } });
  let graph: Graph = document;
  const edit = (change: (graph: Graph) => Graph) => {
    graph = change(graph);
  };
  commands.cut.run({ tab: newTab("one", document), graph, selection: new Set([1]), edit } as unknown as Editor);
  expect(graph.nodes).toEqual([]);
});

test("a page that may not write into the clipboard says so", async () => {
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("location", { origin: "http://studio.example", pathname: "/" });
  const say = vi.fn();
  await copyLink({ tab: newTab("one", document), say } as unknown as Editor);
  expect(say).toHaveBeenCalledWith(expect.objectContaining({ text: "The link is not in the clipboard", bad: true }));
});
