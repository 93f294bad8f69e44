import { expect, onTestFinished, test, vi } from "vitest";
import { restoreTabs } from "../../../client/actions/keeping.ts";
import { editorWith } from "../support/editor.ts";

const empty = { nodes: [], links: [] };

test("a document is opened again even where the one that ran cannot be read", () => {
  const kept = { key: "a", name: "mine", level: [], run: "r", document: empty };
  const tabs = [
    { ...kept, ran: { nodes: "none" } },
    { ...kept, key: "b", name: "other", ran: empty },
  ];
  vi.stubGlobal("localStorage", { getItem: () => JSON.stringify({ active: "b", tabs }) });
  onTestFinished(() => void vi.unstubAllGlobals());
  const editor = editorWith();
  restoreTabs(editor);
  expect(editor.state.tabs).toMatchObject([
    { name: "mine", run: "r" },
    { name: "other", run: "r", ran: empty },
  ]);
  expect(editor.state.active).toBe("b");
  expect(editor.state.notice?.text).toBe("Cannot open “mine” again");
});
