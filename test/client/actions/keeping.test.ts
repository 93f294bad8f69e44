import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Editor } from "../../../client/actions/editor.ts";
import { Keeping, restoreTabs } from "../../../client/actions/keeping.ts";
import { isCurrent, newTab } from "../../../client/state/tab.ts";
import { added, inTab, shown } from "../../../client/state/tabs.ts";
import type { GraphDocument } from "../../../graphs/document/index.ts";
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

test.each([
  ["", "who left from the start page"],
  ["a", "who asked for the start page meanwhile"],
])("the start page is there again, and no document before it, last in front “%s”: %s", (active, who) => {
  const tabs = [{ key: "a", name: "mine", level: [], document: empty }];
  vi.stubGlobal("localStorage", { getItem: () => JSON.stringify({ active, tabs }) });
  onTestFinished(() => void vi.unstubAllGlobals());
  const editor = editorWith();
  const asked = editor.ask();
  if (who.includes("meanwhile")) editor.show("");
  restoreTabs(editor, asked);
  expect(editor.state.tabs.map(({ name }) => name)).toEqual(["mine"]);
  expect(editor.state.active).toBe("");
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

test("what another window made of a document is taken in one step that undo takes back", () => {
  const [here, there] = windowsOf(2);
  there.edit("theirs");
  there.keep();
  there.edit("theirs, later");
  there.keep();
  expect(here.hear()).toBe(false);
  expect(here.title()).toBe("theirs, later");
  expect(here.editor.state.notice?.text).toBe("“mine” was changed in another window");
  expect(here.hear()).toBe(false);
  here.editor.undo();
  expect(here.title()).toBe("as it was");
  here.keep();
  there.hear();
  expect(there.title()).toBe("as it was");
});

test("a window that has changed nothing takes nothing back, whatever it keeps", () => {
  const [here, there] = windowsOf(2);
  there.edit("theirs");
  there.keep();
  there.edit("theirs, unkept");
  here.editor.select(new Set([1]));
  here.keep();
  there.hear();
  expect(there.title()).toBe("theirs, unkept");
  expect(there.editor.state.notice).toBeUndefined();
});

test("of two windows that edit one document both states are left, and both windows say it", () => {
  const [here, there] = windowsOf(2);
  here.edit("ours");
  there.edit("theirs");
  there.keep();
  here.hear();
  expect(here.title()).toBe("ours");
  expect(here.editor.state.notice?.text).toBe("“mine” is being changed in another window too");
  here.keep();
  there.hear();
  expect(there.title()).toBe("ours");
  expect(there.editor.state.notice?.text).toBe("“mine” was changed in another window");
  for (const { editor, title } of [here, there]) {
    editor.undo();
    expect(title()).toBe("theirs");
  }
});

test("whatever windows edit, keep and hear, and when: nothing is taken from under the hand, all is left, all end alike", () => {
  const step = fc.record({ window: fc.nat(2), act: fc.constantFrom("edit", "keep", "hear") });
  const holds = fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const windows = windowsOf(3);
    const edits: string[] = [];
    for (const { window, act } of steps) {
      const one = windows[window];
      const before = one.unkept() ? one.title() : undefined;
      if (act === "edit") edits.push(one.edit(`edit ${edits.length}`));
      else one[act]();
      if (act !== "edit" && before !== undefined) expect(one.title()).toBe(before);
    }
    for (const one of windows) one.keep();
    // Each hears of the last, and the last of whoever was ahead.
    for (const one of [...windows, ...windows, ...windows]) if (one.hear()) one.keep();
    expect(new Set(windows.map(({ title }) => title())).size).toBe(1);
    const left = new Set(windows.flatMap(({ titles }) => titles()));
    expect(edits.filter((title) => !left.has(title))).toEqual([]);
  });
  fc.assert(holds, { numRuns: 150 });
});

test("what another window told of is saved from here too: the other may have failed to", async () => {
  const saves: string[] = [];
  const [here, there] = windowsOf(2, async (name) => void saves.push(name));
  there.edit("theirs");
  there.keep();
  here.hear();
  saves.length = 0;
  const { tab } = here.editor;
  here.editor.close(tab!.key);
  here.keeping.close(tab!);
  expect(saves).toEqual(["mine"]);
});

test("what the server has not got is saved after a restart, and stays kept by windows that have it not open", async () => {
  const saves: string[] = [];
  let fails = true;
  const [there, here] = windowsOf(2, async (name) => {
    saves.push(name);
    if (fails) throw new Error("The server cannot be reached");
  });
  there.edit("unsaved");
  there.keep();
  here.hear();
  here.editor.apply((state) => ({ ...state, tabs: [] }));
  here.keep();
  const again = here.again();
  expect(again.title()).toBe("unsaved");
  fails = false;
  saves.length = 0;
  again.keep();
  expect(saves).toEqual(["mine"]);
  await expect.poll(() => again.editor.tab?.saved === again.editor.tab?.history.present).toBe(true);
  again.keep();
  expect(saves).toHaveLength(1);
  expect(again.again().editor.tab?.saved).toBeDefined();
});

test("what a newer version wrote in another window stays as it wrote it", () => {
  const [here] = windowsOf(1);
  here.keep();
  const { active, tabs } = JSON.parse(here.stored());
  const theirs = { ...tabs[0], stamp: { turn: 9, by: "newer" }, document: { nodes: "of another kind" } };
  here.store(JSON.stringify({ active, tabs: [theirs] }));
  here.hear();
  expect(here.editor.state.notice).toMatchObject({ bad: true });
  here.keep();
  expect(JSON.parse(here.stored()).tabs[0]).toMatchObject({ document: theirs.document, stamp: theirs.stamp });
  here.edit("ours");
  here.keep();
  expect(JSON.parse(here.stored()).tabs[0]).toMatchObject({ stamp: { turn: 10 }, document: { nodes: [] } });
});

test("what was closed here is kept no more, saved or not", () => {
  const [here] = windowsOf(1);
  here.edit("ours");
  here.keep();
  const { tab } = here.editor;
  here.editor.close(tab!.key);
  here.keeping.close(tab!);
  here.keep();
  expect(JSON.parse(here.stored()).tabs).toEqual([]);
});

test("what a window kept before its save ended does not take back what it has saved since", async () => {
  const [here] = windowsOf(1);
  here.edit("ours");
  here.keep();
  await expect.poll(() => here.editor.tab?.stored).toBeDefined();
  here.keep();
  expect(JSON.parse(here.stored()).tabs[0]).toMatchObject({ stored: { name: "mine" } });
  const now = { name: "mine", etag: "later" };
  here.editor.apply(inTab("k", (tab) => ({ ...tab, stored: now })));
  here.hear();
  expect(here.editor.tab?.stored).toBe(now);
});

test("what was closed here and is opened again is not what was kept of it before", () => {
  const [here] = windowsOf(1);
  here.edit("ours");
  here.keep();
  const { tab } = here.editor;
  here.editor.close(tab!.key);
  here.keeping.close(tab!);
  here.editor.open("mine", titled("another browser's"), { key: "k" });
  here.keep();
  expect(here.title()).toBe("another browser's");
});

test("what this version cannot read stays kept until one forgets it", () => {
  const [here] = windowsOf(1);
  const theirs = { key: "b", name: "newer", level: [], document: { nodes: "of another kind" } };
  here.store(JSON.stringify({ active: "b", tabs: [theirs] }));
  const again = here.again();
  expect(again.editor.state.notice).toMatchObject({
    text: "Cannot open “newer” again",
    action: { label: "Forget it" },
  });
  again.keep();
  expect(JSON.parse(here.stored()).tabs).toEqual([theirs]);
  again.editor.state.notice!.action!.run();
  again.keep();
  expect(JSON.parse(here.stored()).tabs).toEqual([]);
});

const titled = (title: string): GraphDocument => ({ nodes: [], links: [], groups: [], about: { versions: {}, title } });

/**
 * Windows of one browser with one document. Each sees the storage as it was when it last heard of it, or wrote it: browsers
 * tell one process late what another wrote.
 */
function windowsOf(count: number, save: (name: string) => Promise<unknown> = async () => {}) {
  let stored = "null";
  const saveGraph = async (name: string) => {
    await save(name);
    return '"1"';
  };
  onTestFinished(() => void vi.unstubAllGlobals());
  const open = (editor: Editor) => {
    let seen = stored;
    const within = <T>(act: () => T): T => {
      vi.stubGlobal("localStorage", {
        getItem: () => seen,
        setItem: (_: string, text: string) => {
          stored = text;
          seen = text;
        },
      });
      return act();
    };
    const keeping = new Keeping(editor);
    const present = () => editor.tab!.history.present;
    return {
      editor,
      keeping,
      stored: () => stored,
      store: (text: string) => {
        stored = text;
      },
      edit: (title: string) => {
        editor.editDocument(() => titled(title));
        return title;
      },
      keep: () => within(() => keeping.keep()),
      hear: () => {
        seen = stored;
        return within(() => keeping.take());
      },
      again: () => {
        const editor = editorWith({ api: { saveGraph } });
        seen = stored;
        within(() => restoreTabs(editor));
        return open(editor);
      },
      unkept: () => present() !== editor.tab!.agreed?.document,
      title: () => present().about.title,
      titles: () => [...editor.tab!.history.past, present()].map(({ about }) => about.title),
    };
  };
  const document = titled("as it was");
  const tab = newTab("mine", document, "k");
  const agreed = { stamp: { turn: 0, by: "" }, name: "mine", document };
  return Array.from({ length: count }, () => {
    const editor = editorWith({ api: { saveGraph } });
    editor.apply(added({ ...tab, agreed }), shown("k"));
    return open(editor);
  });
}
