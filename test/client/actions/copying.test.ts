import { afterEach, expect, test, vi } from "vitest";
import { commands } from "../../../client/actions/commands.ts";
import { paste } from "../../../client/actions/copying.ts";
import { copyLink } from "../../../client/actions/documents.ts";
import { readDocument } from "../../../graphs/document/index.ts";
import { editorWith, opened } from "../support/editor.ts";

const document = readDocument({ nodes: [{ id: 1, type: "guidegraph/note" }], links: [] });

/** A page of http and an address, in a browser that does not take a copy from a field either. */
function withoutClipboard(): void {
  const field = { style: {}, select() {}, remove() {} };
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("document", { createElement: () => field, body: { append() {} }, execCommand: () => false });
}

afterEach(() => {
  vi.unstubAllGlobals();
});

test("what is cut goes at once, whenever the browser takes the copy", () => {
  vi.stubGlobal("navigator", { clipboard: { writeText: () => new Promise(() => {}) } });
  const editor = editorWith();
  opened(editor, "one", document);
  editor.select(new Set([1]));
  commands.cut.run(editor);
  expect(editor.graph.nodes).toEqual([]);
});

test("what is copied is pasted where the browser keeps nothing", async () => {
  withoutClipboard();
  const editor = editorWith();
  await paste(editor);
  expect(editor.state.notice).toMatchObject({ text: "Nothing was copied in this window" });
  opened(editor, "one", document);
  editor.select(new Set([1]));
  commands.copy.run(editor);
  await paste(editor);
  expect(editor.graph.nodes).toHaveLength(2);
  opened(editor, "two", { ...document, nodes: [] });
  await paste(editor);
  expect(editor.graph.nodes).toHaveLength(1);
});

test("a page that may not write into the clipboard says so", async () => {
  withoutClipboard();
  vi.stubGlobal("location", { origin: "http://studio.example", pathname: "/" });
  const editor = editorWith();
  opened(editor, "one", document);
  await copyLink(editor);
  expect(editor.state.notice).toMatchObject({
    text: "A link that contains this graph is not in the clipboard",
    bad: true,
  });
});

test("what has no nodes changes nothing, and it is said", async () => {
  const text = '{"nodes":[],"links":[],"groups":[{"title":"g","bounding":[0,0,10,10]}]}';
  vi.stubGlobal("navigator", { clipboard: { readText: async () => text } });
  const editor = editorWith();
  opened(editor, "one", document);
  await paste(editor);
  expect(editor.tab?.history).toMatchObject({ past: [], present: document });
  expect(editor.state.notice?.text).toBe("There are no nodes in what was copied");
});
