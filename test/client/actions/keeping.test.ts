import { expect, onTestFinished, test, vi } from "vitest";
import { restoreTabs } from "../../../client/actions/keeping.ts";
import { isCurrent } from "../../../client/state/tab.ts";
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

test("a document that took too long to look at is there again, and neither shown nor looked at by itself", () => {
  const kept = { key: "a", name: "endless", level: [], document: empty, hung: true };
  const tabs = [kept, { ...kept, key: "b", name: "other", hung: undefined }];
  vi.stubGlobal("localStorage", { getItem: () => JSON.stringify({ active: "a", tabs }) });
  onTestFinished(() => void vi.unstubAllGlobals());
  const editor = editorWith();
  restoreTabs(editor);
  expect(editor.state.tabs.map(isCurrent)).toEqual([true, false]);
  expect(editor.state.active).toBe("b");
});
