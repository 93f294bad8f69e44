import { expect, onTestFinished, test, vi } from "vitest";
import { entryGraph, saveCopy, tellCopies, updateCopy } from "../../../client/actions/library.ts";
import { insertSampler } from "../../../client/actions/placing.ts";
import { hashOf } from "../../../client/edit/origin.ts";
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
    addSampler: async (name: string) => void calls.push(`add ${name}`),
    saveSampler: async (name: string) => void calls.push(`save ${name}`),
    samplers: async () => [{ ...mine, name: "sampler" }],
  };
  const editor = editorWith({ api });
  opened(editor, "one", holding());
  await saveCopy(editor, [1]);
  await saveCopy(editor, [1]);
  expect(calls).toEqual(["add sampler", "save sampler"]);
  expect(editor.tab?.history.past).toHaveLength(0);
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
