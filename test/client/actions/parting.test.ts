/** One document in several browsers, over one server. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Saving } from "../../../client/actions/saving.ts";
import { ApiError } from "../../../client/runs/api.ts";
import { documentOf } from "../../../client/state/tab.ts";
import { inTab } from "../../../client/state/tabs.ts";
import { type GraphDocument, readDocument } from "../../../graphs/document/index.ts";
import { DocumentServer } from "../support/document-server.ts";
import { editorWith } from "../support/editor.ts";

const titled = (title: string): GraphDocument => ({ nodes: [], links: [], groups: [], about: { versions: {}, title } });

function browser(server: DocumentServer, by: string, isLost?: () => boolean) {
  const editor = editorWith({ api: server.seenBy(by, isLost) });
  const saving = new Saving(editor);
  return {
    editor,
    edit: (title: string) => editor.editDocument(() => titled(title)),
    save: () => saving.save(editor.tab!),
    title: () => documentOf(editor.tab!).about.title,
    notice: () => editor.state.notice,
  };
}
const titleOf = (graph: unknown) => readDocument(graph).about.title;

/** A document that the server has, open in two browsers. */
async function shared() {
  const server = new DocumentServer();
  const [one, two] = ["one", "two"].map((by) => browser(server, by));
  one.editor.open("mine", titled("first"), { key: "k" });
  one.edit("as it was");
  await one.save();
  const { graph, etag } = await two.editor.api.graph("mine");
  two.editor.open("mine", readDocument(graph), { key: "k", stored: { name: "mine", etag } });
  return { server, one, two };
}

test("what another browser has saved stays, and what is here is kept beside it, in one line", async () => {
  const { server, one, two } = await shared();
  one.edit("ours");
  two.edit("theirs");
  await two.save();
  await one.save();
  expect(titleOf(server.graphOf("mine"))).toBe("theirs");
  expect(titleOf(server.graphOf("mine-2"))).toBe("ours");
  expect(one.editor.tab).toMatchObject({ name: "mine-2", stored: { name: "mine-2" } });
  expect(one.editor.tab?.key).not.toBe("k");
  expect(one.notice()).toMatchObject({
    text: "“mine” was changed in another browser",
    action: { label: "Open “mine”" },
  });
  one.editor.undo();
  expect(one.title()).toBe("as it was");
  one.edit("ours, later");
  two.edit("theirs, later");
  await Promise.all([one.save(), two.save()]);
  expect(server.names).toEqual(["mine", "mine-2"]);
});

test("a new document never takes the place of another of its name", async () => {
  const server = new DocumentServer();
  const [one, two] = ["one", "two"].map((by) => browser(server, by));
  for (const { editor, edit, save } of [one, two]) {
    const { key } = editor.open("untitled", titled(""));
    edit(key);
    await save();
  }
  expect(server.names).toEqual(["untitled", "untitled-2"]);
  expect(two.editor.tab?.name).toBe("untitled-2");
  expect(two.notice()).toMatchObject({
    text: "The server has another “untitled”",
    more: "This one is kept as “untitled-2”.",
  });
});

test.each([
  ["its name is free", "new", ["new"]],
  ["another has the name", "taken", ["taken", "taken-2"]],
])("a new name is given on the server too, where %s", async (_, to, names) => {
  const { server, one, two } = await shared();
  if (to === "taken") {
    two.editor.open("taken", titled(""));
    two.edit("another");
    await two.save();
  }
  const { key } = one.editor.tab!;
  one.edit("renamed");
  one.editor.apply(inTab(key, (tab) => ({ ...tab, name: to })));
  await one.save();
  expect(server.names).toEqual(names);
  expect(one.editor.tab).toMatchObject({ name: names.at(-1), key });
});

test("a new name takes nothing away that another browser has saved under the old one", async () => {
  const { server, one, two } = await shared();
  two.edit("theirs");
  await two.save();
  one.edit("renamed");
  one.editor.apply(inTab("k", (tab) => ({ ...tab, name: "new" })));
  await one.save();
  expect(server.names.map((name) => [name, titleOf(server.graphOf(name))])).toEqual([
    ["mine", "theirs"],
    ["new", "renamed"],
  ]);
});

test("what was removed on the server is saved anew", async () => {
  const { server, one } = await shared();
  server.remove("mine");
  one.edit("ours");
  expect(await one.save()).toBeUndefined();
  expect(titleOf(server.graphOf("mine"))).toBe("ours");
});

test("a refusal for another reason is said once, until a save succeeds", async () => {
  const { one } = await shared();
  const said: string[] = [];
  one.editor.listen((_, before) => {
    const { notice } = one.editor.state;
    if (notice && notice !== before.notice) said.push(notice.text);
  });
  one.editor.api.saveGraph = async () => {
    throw new ApiError(507, [{ message: "The disk is full" }]);
  };
  for (const title of ["a", "b"]) {
    one.edit(title);
    await one.save();
  }
  expect(said).toEqual(["“mine” is not saved on the server; this browser keeps it"]);
});

/** Browsers edit, undo, save, lose replies, and start anew, in any order. */
test("whatever browsers do: nothing is written over but what the writer's document stems from, and all is saved in the end", async () => {
  const acts = fc.constantFrom("edit", "save", "undo", "lose", "race", "hurry");
  const step = fc.record({ who: fc.nat(2), act: acts, moments: fc.nat(12) });
  const holds = fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
    const server = new DocumentServer();
    const losing = new Set<number>();
    const browsers = [0, 1, 2].map((who) => browser(server, `${who}`, () => losing.delete(who)));
    const been = browsers.map(() => new Set<string | undefined>(["as it was"]));
    const note = (who: number) => been[who].add(browsers[who].title());
    for (const { editor } of browsers) editor.open("mine", titled("as it was"), { key: "k" });
    for (const [at, { who, act, moments }] of steps.entries()) {
      const one = browsers[who];
      if (act === "edit") one.edit(`${who}: ${at}`);
      if (act === "undo") one.editor.undo();
      if (act === "lose") losing.add(who);
      note(who);
      if (act === "save") await one.save();
      if (act === "hurry") {
        const first = one.save();
        for (let moment = 0; moment < moments; moment++) await undefined;
        one.edit(`${who}: ${at}`);
        note(who);
        await Promise.all([first, one.save()]);
      }
      if (act === "race") await Promise.all(browsers.map(({ save }) => save()));
    }
    losing.clear();
    for (const one of browsers) {
      one.edit(`the last of ${browsers.indexOf(one)}`);
      note(browsers.indexOf(one));
      expect(await one.save()).toBeUndefined();
    }
    for (const { by, over } of server.written) if (over) expect([...been[Number(by)]]).toContain(titleOf(over));
    for (const { editor, title } of browsers) expect(titleOf(server.graphOf(editor.tab!.name))).toBe(title());
    expect(server.names.toSorted()).toEqual(browsers.map(({ editor }) => editor.tab!.name).toSorted());
    expect(new Set(server.names).size).toBe(3);
  });
  await fc.assert(holds, { numRuns: 100 });
});
