import { expect, onTestFinished, test, vi } from "vitest";
import { restoreTabs, takeFromOthers } from "../../../client/actions/keeping.ts";
import { isCurrent } from "../../../client/state/tab.ts";
import { writeDocument } from "../../../graphs/document/index.ts";
import { editorWith, opened } from "../support/editor.ts";
import { example } from "../support/graphs.ts";

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

test("what another window made of a document is taken in one step that undo takes back, and said once", () => {
  const kept: { key: string; name: string; level: number[]; document: object }[] = [];
  vi.stubGlobal("localStorage", { getItem: () => JSON.stringify({ active: "", tabs: kept }) });
  onTestFinished(() => void vi.unstubAllGlobals());
  const editor = editorWith();
  const before = example("guided-ddim");
  const key = opened(editor, "guided-ddim", before);
  kept.push({ key, name: "guided-ddim", level: [], document: writeDocument(before) });
  takeFromOthers(editor);
  expect(editor.state.notice).toBeUndefined();
  for (const title of ["theirs", "theirs, later"]) {
    kept[0] = {
      ...kept[0],
      name: "my-guided-ddim",
      document: writeDocument({ ...before, about: { ...before.about, title } }),
    };
    takeFromOthers(editor);
  }
  expect(editor.state.notice?.text).toBe("“my-guided-ddim” was changed in another window");
  expect(editor.tab).toMatchObject({
    name: "my-guided-ddim",
    history: { present: { about: { title: "theirs, later" } } },
  });
  expect(editor.tab?.saved).toBe(editor.tab?.history.present);
  // Told back to the one it came from, it is nothing new there.
  expect(writeDocument(editor.tab!.history.present)).toEqual(kept[0].document);
  editor.undo();
  expect(editor.tab?.history.present).toBe(before);
});
