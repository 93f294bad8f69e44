import { expect, onTestFinished, test, vi } from "vitest";
import { entryGraph, saveCopy, tellCopies, updateCopy } from "../../../client/actions/library.ts";
import { insertSampler } from "../../../client/actions/placing.ts";
import { hashOf } from "../../../client/edit/origin.ts";
import { type Api, ApiError } from "../../../client/runs/api.ts";
import { put } from "../../../client/state/state.ts";
import { readDocument } from "../../../graphs/document/index.ts";
import { editorWith, opened } from "../support/editor.ts";

/** A document whose node 1 holds a copy of the library's "mine". */
function holding(hash = "before") {
  const document = readDocument({ nodes: [{ id: 1, type: "guidegraph/subgraph" }], links: [] });
  const about = { versions: {}, library: { name: "mine", version: 1, hash } };
  const inner = { nodes: [], links: [], groups: [], about };
  return { ...document, nodes: document.nodes.map((node) => ({ ...node, inner })) };
}
const mine = { name: "mine", title: "mine", builtIn: false, etag: '"1"', hash: "now", version: 2 };
const empty = { nodes: [], links: [] };

test("updateCopy changes no other document that came to the front meanwhile", async () => {
  const editor = editorWith({ api: { sampler: async () => empty }, state: { samplers: [mine] } });
  const [one, two] = [opened(editor, "one", holding()), opened(editor, "two", holding())];
  editor.show(one);
  const updated = updateCopy(editor, [1]);
  editor.show(two);
  await updated;
  for (const key of [one, two]) expect(editor.tabBy(key)?.history.past).toHaveLength(0);
  await updateCopy(editor, [1]);
  expect(editor.tabBy(two)?.history.past).toHaveLength(1);
});

test("a sampler is inserted in no other document that came to the front meanwhile", async () => {
  const editor = editorWith({ api: { sampler: async () => empty } });
  const [one, two] = [opened(editor, "one", readDocument(empty)), opened(editor, "two", readDocument(empty))];
  editor.show(one);
  const inserted = insertSampler(editor, "mine", [0, 0]);
  editor.show(two);
  await inserted;
  for (const key of [one, two]) expect(editor.tabBy(key)?.history.present.nodes).toHaveLength(0);
  await insertSampler(editor, "mine", [0, 0]);
  expect(editor.graph.nodes).toHaveLength(1);
});

test("a copy saved under a new name writes over no entry that another browser has made", async () => {
  const calls: string[] = [];
  const api = {
    saveSampler: async (name: string, _: object, over: string | undefined) => {
      calls.push(`${over === undefined ? "add" : "save"} ${name}`);
      return mine.etag;
    },
    samplers: async () => [{ ...mine, name: "sampler" }],
  };
  const editor = editorWith({ api });
  opened(editor, "one", holding());
  await saveCopy(editor, [1]);
  await saveCopy(editor, [1]);
  expect(calls).toEqual(["add sampler", "save sampler"]);
  expect(editor.tab?.history.past).toHaveLength(0);
});

/** A library, as its routes hold it: each write on its condition. `mangled`: what becomes of tags on the way. */
function sharedLibrary(mangled = (etag: string) => etag) {
  const held = new Map<string, { etag: string; version: number; graph: object }>();
  let writes = 0;
  const api: Partial<Api> = {
    samplers: async () =>
      [...held].map(([name, { etag, version }]) => ({ name, builtIn: false, etag, version, hash: `${name} ${etag}` })),
    saveSampler: async (name, graph, over) => {
      const before = held.get(name);
      const fits = over === undefined ? !before : before && (over === "*" || mangled(over) === before.etag);
      if (!fits) throw new ApiError(412, [{ message: "changed meanwhile" }]);
      const etag = `"${++writes}"`;
      held.set(name, { etag, graph, version: (before?.version ?? 0) + 1 });
      return etag;
    },
  };
  return { api, held };
}

/** An editor that has read the library, with a copy of its entry open. */
async function holdingEntry(api: Partial<Api>) {
  const editor = editorWith({ api, state: { samplers: (await api.samplers?.()) ?? [] } });
  opened(editor, "one", holding());
  return editor;
}

test("of two browsers that save the same entry the later one's is kept beside the other's, and both are told which", async () => {
  const { api, held } = sharedLibrary();
  await api.saveSampler?.("mine", {}, undefined);
  const [one, two] = [await holdingEntry(api), await holdingEntry(api)];
  await saveCopy(one, [1]);
  expect(one.state.notice).toMatchObject({ text: "“mine” is in the library", more: "It is version 2 now." });
  const first = held.get("mine");
  await saveCopy(two, [1]);
  expect(held.get("mine")).toBe(first);
  expect([...held.keys()]).toEqual(["mine", "mine 2"]);
  expect(two.state.notice).toMatchObject({ text: expect.stringContaining("changed in another browser") });
  expect(two.graph.nodes[0].inner?.about.library).toMatchObject({ name: "mine 2", version: 1 });
  // What one has seen of the other's is written over, by whoever wants to.
  one.apply(put({ samplers: (await api.samplers?.()) ?? [] }));
  await saveCopy(one, [1]);
  expect(held.get("mine")?.version).toBe(3);
});

test("an entry that somebody removed is saved anew, and one behind a proxy that changes tags is saved once more", async () => {
  const { api, held } = sharedLibrary();
  await api.saveSampler?.("mine", {}, undefined);
  const editor = await holdingEntry(api);
  held.clear();
  await saveCopy(editor, [1]);
  expect([...held.keys()]).toEqual(["mine"]);
  const far = sharedLibrary((etag) => `${etag}-gzip`);
  await far.api.saveSampler?.("mine", {}, undefined);
  await saveCopy(await holdingEntry(far.api), [1]);
  expect([...far.held].map(([name, { version }]) => [name, version])).toEqual([["mine", 2]]);
});

test("the first edit inside a copy says that it is one's own now, once", () => {
  const editor = editorWith();
  tellCopies(editor);
  const inner = readDocument(empty);
  opened(editor, "one", holding(hashOf(inner)));
  editor.goTo([1]);
  const about = (title: string) => editor.edit((graph) => ({ ...graph, nodes: [...graph.nodes, node(title)] }));
  const node = (type: string) => readDocument({ nodes: [{ id: 1, type }], links: [] }).nodes[0];
  about("a");
  expect(editor.state.notice?.text).toBe("This loop is now your own copy");
  editor.hush();
  editor.undo();
  about("b");
  expect(editor.state.notice).toBeUndefined();
});

test("an entry that could not be read is read again after a while, however often it is drawn", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const sampler = vi
    .fn()
    .mockRejectedValueOnce(new Error("away"))
    .mockResolvedValueOnce({ nodes: "none" })
    .mockResolvedValue(empty);
  const editor = editorWith({ api: { sampler } });
  editor.listen(() => entryGraph(editor, mine));
  expect(entryGraph(editor, mine)).toBeUndefined();
  await vi.advanceTimersByTimeAsync(4_000);
  expect(sampler).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(sampler).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(sampler).toHaveBeenCalledTimes(3);
  expect(entryGraph(editor, mine)).toMatchObject(empty);
});
