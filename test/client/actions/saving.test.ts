import { describe, expect, test } from "vitest";
import { Saving } from "../../../client/actions/saving.ts";
import { inTab } from "../../../client/state/tabs.ts";
import type { GraphDocument } from "../../../graphs/document/index.ts";
import { editorWith, opened } from "../support/editor.ts";

const titled = (title: string): GraphDocument => ({ nodes: [], links: [], groups: [], about: { versions: {}, title } });

/** An editor with one document, whose saves end when a test says so, in their order. */
function stage() {
  const saves: { readonly name: string; readonly title: unknown; end(error?: Error): Promise<void> }[] = [];
  const saveGraph = (name: string, graph: object) =>
    new Promise<string>((resolve, reject) => {
      const end = async (error?: Error) => {
        if (error) reject(error);
        else resolve('"1"');
        await settled();
      };
      const { title } = (graph as { extra: { guidegraph: { title?: string } } }).extra.guidegraph;
      saves.push({ name, title, end });
    });
  const editor = editorWith({ api: { saveGraph } });
  const saving = new Saving(editor);
  const key = opened(editor, "mine", titled("one"));
  const edit = (title: string) =>
    editor.apply(inTab(key, (tab) => ({ ...tab, history: { ...tab.history, present: titled(title) } })));
  editor.listen((_, before) => {
    for (const tab of before.tabs) if (!editor.tabBy(tab.key)) void saving.saveClosed(tab);
  });
  const close = () => editor.close(key);
  const save = () => void saving.save(editor.tabBy(key)!);
  const titles = () => editor.state.tabs.map(({ history }) => history.present.about.title);
  return { editor, saves, key, edit, close, save, titles };
}
const settled = () => new Promise((resolve) => setTimeout(resolve));
const gone = new Error("The server cannot be reached");

describe("a closed document", () => {
  test.each([
    ["before it was saved", false],
    ["while it was being saved", true],
  ])("that was closed %s is open again where that fails, and it is said why", async (_, isUnderWay) => {
    const { editor, saves, edit, close, save, titles } = stage();
    edit("two");
    if (isUnderWay) save();
    close();
    expect(titles()).toEqual([]);
    expect(saves.map(({ title }) => title)).toEqual(["two"]);
    await saves[0].end(gone);
    expect(titles()).toEqual(["two"]);
    expect(editor.state.notice).toMatchObject({
      text: "“mine” could not be saved and is open again",
      more: gone.message,
      bad: true,
    });
    save();
    expect(saves).toHaveLength(2);
    await saves[1].end();
    close();
    expect(titles()).toEqual([]);
    expect(saves).toHaveLength(2);
  });

  test("stays closed where its last state is saved, whatever became of one before", async () => {
    const { editor, saves, edit, close, save, titles } = stage();
    edit("two");
    save();
    edit("three");
    close();
    await saves[0].end(gone);
    expect(saves.map(({ title }) => title)).toEqual(["two", "three"]);
    await saves[1].end();
    expect(titles()).toEqual([]);
    expect(editor.state.notice).toBeUndefined();
  });

  test("is another one beside its older state, where that was opened meanwhile", async () => {
    const { editor, saves, key, edit, close, titles } = stage();
    edit("two");
    close();
    editor.open("mine", titled("one"), { key });
    await saves[0].end(gone);
    expect(titles()).toEqual(["one", "two"]);
    expect(new Set(editor.state.tabs.map((tab) => tab.key)).size).toBe(2);
    expect(editor.state.tabs.map(({ name }) => name)).toEqual(["mine", "mine-2"]);
  });

  test("can be closed without a save", async () => {
    const { editor, saves, edit, close, titles } = stage();
    edit("two");
    close();
    await saves[0].end(gone);
    expect(titles()).toEqual(["two"]);
    editor.state.notice!.action!.run();
    expect(titles()).toEqual([]);
    expect(saves).toHaveLength(1);
  });
});

test("an open document is saved once a state, and tried again after a failure", async () => {
  const { editor, saves, key, edit, save } = stage();
  save();
  expect(saves).toHaveLength(0);
  edit("two");
  save();
  save();
  expect(saves).toHaveLength(1);
  await saves[0].end(gone);
  save();
  expect(saves).toHaveLength(2);
  await saves[1].end();
  save();
  expect(saves).toHaveLength(2);
  expect(editor.tabBy(key)?.saved?.about.title).toBe("two");
});
