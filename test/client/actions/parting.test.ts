/** One document in several browsers, over one server. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ApiError } from "../../../client/runs/api.ts";
import { identified } from "../../../client/state/tab.ts";
import { added } from "../../../client/state/tabs.ts";
import { readDocument, writeDocument } from "../../../graphs/document/index.ts";
import { DocumentBrowser, titled } from "../support/document-browser.ts";
import { DocumentServer } from "../support/document-server.ts";

const titleOf = (graph: unknown) => readDocument(graph).about.title;

/** A document that the server has, open in two browsers. */
async function shared() {
  const server = new DocumentServer();
  const [one, two] = ["one", "two"].map((by) => new DocumentBrowser(server, by));
  one.editor.open("mine", titled("first"), { key: "k" });
  one.edit("as it was");
  await one.save();
  const { graph, etag } = await two.editor.api.graph("mine");
  two.editor.open("mine", readDocument(graph), { key: "k", stored: { name: "mine", etag: etag! } });
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
  expect(one.editor.state.notice).toMatchObject({
    text: "“mine” was changed in another browser",
    action: { label: "Open “mine”" },
  });
  one.editor.undo();
  expect(one.title).toBe("as it was");
  one.edit("ours, later");
  two.edit("theirs, later");
  await Promise.all([one.save(), two.save()]);
  expect(server.names).toEqual(["mine", "mine-2"]);
});

test("a new document never takes the place of another of its name", async () => {
  const server = new DocumentServer();
  const [first, second] = ["one", "two"].map((by) => new DocumentBrowser(server, by));
  for (const one of [first, second]) {
    const { key } = one.editor.open("untitled", titled(""));
    one.edit(key);
    await one.save();
  }
  expect(server.names).toEqual(["untitled", "untitled-2"]);
  expect(second.editor.tab?.name).toBe("untitled-2");
  expect(second.editor.state.notice).toMatchObject({
    text: "The server has another “untitled”",
    more: "This one is kept as “untitled-2”.",
  });
});

describe("one file that two browsers have opened, under names of their own,", () => {
  async function opened() {
    const server = new DocumentServer();
    const [one, two] = ["one", "two"].map((by) => new DocumentBrowser(server, by));
    one.editor.open("shared", titled("as it came"), { key: "k" });
    two.editor.open("shared-1", titled("as it came"), { key: "k" });
    one.edit("ours");
    await one.save();
    return { server, one, two };
  }

  test("is whoever's saves it first, and what the other made of it is a document of its own", async () => {
    const { server, two } = await opened();
    two.edit("theirs");
    expect(await two.save()).toBeUndefined();
    expect(server.names.map((name) => [name, titleOf(server.graphOf(name))])).toEqual([
      ["shared", "ours"],
      ["shared-1", "theirs"],
    ]);
    expect(new Set(server.identities).size).toBe(2);
    expect(two.editor.state.notice).toMatchObject({ action: { label: "Open “shared”" } });
  });

  test("goes on under the server's name where nothing of that is lost", async () => {
    const { server, one, two } = await opened();
    two.edit("ours");
    two.edit("ours, and more");
    expect(await two.save()).toBeUndefined();
    expect(server.names).toEqual(["shared"]);
    expect(titleOf(server.graphOf("shared"))).toBe("ours, and more");
    expect(two.editor.tab).toMatchObject({ name: "shared", key: "k" });
    await one.focus();
    expect(one.title).toBe("ours, and more");
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
  one.rename(to);
  await one.save();
  expect(server.names).toEqual(names);
  expect(one.editor.tab).toMatchObject({ name: names.at(-1), key });
});

test("a new name takes nothing away that another browser has saved under the old one", async () => {
  const { server, one, two } = await shared();
  two.edit("theirs");
  await two.save();
  one.edit("renamed");
  one.rename("new");
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

/** What somebody else writes: a document of another identity. */
const another = (id: string) => writeDocument(identified(titled(id), id));

describe("an open document that is not edited here", () => {
  test("is shown as another browser made it, in one step that undo takes back", async () => {
    const { one, two } = await shared();
    one.edit("as one made it");
    await one.save();
    await two.focus();
    expect(two.title).toBe("as one made it");
    expect(two.editor.state.notice?.text).toBe("“mine” was changed in another browser");
    two.editor.undo();
    expect(two.title).toBe("as it was");
  });

  test("goes by the name that another browser gave it, and never takes what has its old one", async () => {
    const { server, one, two } = await shared();
    one.rename("renamed");
    one.edit("as one made it");
    await one.save();
    await server.seenBy("three").saveGraph("mine", another("k2"), undefined);
    await two.focus();
    expect(two.editor.tab).toMatchObject({ key: "k", name: "renamed", stored: { name: "renamed" } });
    expect(two.title).toBe("as one made it");
    two.edit("as two made it");
    await two.save();
    expect(server.names.map((name) => [name, titleOf(server.graphOf(name))])).toEqual([
      ["renamed", "as two made it"],
      ["mine", "k2"],
    ]);
  });

  test("does not become an example that has its name", async () => {
    const { server, two } = await shared();
    server.bring("mine", writeDocument(titled("the example")));
    await two.focus();
    expect(two.title).toBe("as it was");
    two.edit("my own");
    expect(await two.save()).toBeUndefined();
    expect(two.editor.tab).toMatchObject({ key: "k", name: "my-mine" });
    expect(server.names).toEqual(["my-mine"]);
  });

  test("is not taken for another's where the list was read before it was saved from here", async () => {
    const { one } = await shared();
    const { graphs } = one.editor.api;
    one.editor.api.graphs = async () => {
      const listed = await graphs();
      one.edit("ours");
      one.edit("later");
      one.editor.undo();
      await one.save();
      return listed;
    };
    await one.focus();
    expect(one.editor.state.notice).toBeUndefined();
    one.editor.redo();
    expect(one.title).toBe("later");
  });
});

test.each([
  ["its name alone", false],
  ["its name and what is in it", true],
])("of a document of which another browser changed %s there is one file an identity", async (_, isEdited) => {
  const { server, one, two } = await shared();
  one.rename("renamed");
  one.edit(isEdited ? "as one made it" : "as it was");
  await one.save();
  two.edit("as two made it");
  await two.save();
  expect(server.names).toEqual(isEdited ? ["renamed", "mine"] : ["renamed"]);
  expect(new Set(server.identities).size).toBe(server.names.length);
  expect(titleOf(server.graphOf(two.editor.tab!.name))).toBe("as two made it");
  expect(two.editor.state.notice?.text).toBe(
    isEdited ? "“renamed” was changed in another browser" : "“mine” is called “renamed” now",
  );
});

test.each([
  ["the list of examples was not there", false],
  ["the list came later", true],
])("an example that was taken for one's own is saved as one's own, though %s", async (_, isListed) => {
  const server = new DocumentServer();
  const example = writeDocument(titled("the example"));
  server.bring("guided", example);
  const one = new DocumentBrowser(server, "one");
  one.editor.open("guided", readDocument(example), { stored: { name: "guided", etag: '"of the example"' } });
  one.edit("edited");
  one.reload();
  if (isListed) await one.focus();
  expect(await one.save()).toBeUndefined();
  expect(server.names).toEqual(["my-guided"]);
  expect(one.editor.tab).toMatchObject({ name: "my-guided", stored: { name: "my-guided" } });
});

test("what was sent before a reload is known as one's own after it", async () => {
  const { server, one } = await shared();
  one.edit("sent");
  void one.save();
  one.edit("kept");
  one.reload();
  one.edit("after");
  await one.save();
  expect(server.names).toEqual(["mine"]);
  expect(titleOf(server.graphOf("mine"))).toBe("after");
  expect(one.editor.state.notice).toBeUndefined();
});

test("where something on the way changes conditions, it is saved all the same, and nothing that is another's is written over", async () => {
  const { server, one, two } = await shared();
  const behind = new DocumentBrowser(server, "behind", { condition: (etag) => etag.replace(/"$/, '-gzip"') });
  const { graph, etag } = await behind.editor.api.graph("mine");
  behind.editor.open("mine", readDocument(graph), { key: "k", stored: { name: "mine", etag: etag! } });
  for (const title of ["a", "b"]) {
    behind.edit(title);
    expect(await behind.save()).toBeUndefined();
    expect(titleOf(server.graphOf("mine"))).toBe(title);
  }
  await two.focus();
  two.edit("theirs");
  await two.save();
  behind.edit("c");
  await behind.save();
  expect(titleOf(server.graphOf("mine"))).toBe("theirs");
  expect(titleOf(server.graphOf(behind.editor.tab!.name))).toBe("c");
  expect(one.editor.state.notice).toBeUndefined();
});

test("one that is open again beside its older state leaves that its file", async () => {
  const { server, one } = await shared();
  const { api } = one.editor;
  const { saveGraph } = api;
  const older = one.editor.tab!;
  one.edit("later");
  const closed = one.editor.tab!;
  one.editor.close("k");
  one.editor.apply(added(older));
  api.saveGraph = async () => {
    throw new TypeError("Failed to fetch");
  };
  await one.saving.saveClosed(closed);
  api.saveGraph = saveGraph;
  for (const tab of one.editor.state.tabs) await one.saving.save(tab);
  one.editor.show(one.editor.state.tabs[1].key);
  one.edit("later still");
  await one.save();
  expect(server.names).toEqual(["mine", "mine-2"]);
  expect(new Set(server.identities).size).toBe(2);
});

/** Browsers edit, undo, rename, save, lose replies, are reloaded and come back; others rename and create; an update comes. */
test("whatever browsers do: nothing is written over but what the writer's document stems from, and all is saved in the end", async () => {
  const acts = [
    "edit",
    "save",
    "undo",
    "lose",
    "race",
    "hurry",
    "rename",
    "reload",
    "focus",
    "move",
    "create",
    "update",
  ];
  const step = fc.record({ who: fc.nat(2), act: fc.constantFrom(...acts), moments: fc.nat(12) });
  const holds = fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
    const server = new DocumentServer();
    const others = server.seenBy("others");
    const losing = new Set<number>();
    const browsers = [0, 1, 2].map(
      (who) => new DocumentBrowser(server, `${who}`, { isLost: () => losing.delete(who) }),
    );
    const been = browsers.map(() => new Set<string | undefined>(["as it was"]));
    const note = (who: number) => been[who].add(browsers[who].title);
    const created: string[] = [];
    const graph = writeDocument(identified(titled("as it was"), "k"));
    const stored = { name: "mine", etag: await others.saveGraph("mine", graph, undefined) };
    for (const { editor } of browsers) editor.open("mine", readDocument(graph), { key: "k", stored });
    for (const [at, { who, act, moments }] of steps.entries()) {
      const one = browsers[who];
      const name = ["mine", "other", `name-${at}`][moments % 3];
      if (act === "edit") one.edit(`${who}: ${at}`);
      if (act === "undo") one.editor.undo();
      if (act === "lose") losing.add(who);
      if (act === "rename") one.rename(name);
      if (act === "focus") await one.focus().catch(() => {});
      if (act === "update") server.bring(name, writeDocument(titled("an example")));
      if (act === "create")
        await others.saveGraph(name, another(`new-${at}`), undefined).then(
          () => created.push(`new-${at}`),
          () => {},
        );
      if (act === "move") await others.renameGraph(server.names[who] ?? "none", name, "*").catch(() => {});
      note(who);
      if (act === "save") await one.save();
      if (act === "reload") {
        void one.save();
        for (let moment = 0; moment < moments; moment++) await undefined;
        one.reload();
      }
      if (act === "hurry") {
        const first = one.save();
        for (let moment = 0; moment < moments; moment++) await undefined;
        one.edit(`${who}: ${at}`);
        note(who);
        await Promise.all([first, one.save()]);
      }
      if (act === "race") await Promise.all(browsers.map((one) => one.save()));
    }
    losing.clear();
    for (const [who, one] of browsers.entries()) {
      one.edit(`the last of ${who}`);
      note(who);
      expect(await one.save()).toBeUndefined();
    }
    for (const { by, over } of server.written) if (over) expect([...been[Number(by)]]).toContain(titleOf(over));
    for (const { editor, title } of browsers) expect(titleOf(server.graphOf(editor.tab!.name))).toBe(title);
    const keys = browsers.map(({ editor }) => editor.tab!.key);
    expect(new Set(server.identities).size).toBe(server.names.length);
    // What was hidden before anybody heard that it had come is left there; no more of it is anywhere.
    const hidden = created.filter((id) => !server.seen.includes(id));
    expect(server.seen.toSorted()).toEqual([...keys, ...created].filter((id) => !hidden.includes(id)).toSorted());
    expect(server.identities).toEqual(expect.arrayContaining(hidden));
  });
  await fc.assert(holds, { numRuns: 100 });
});
