import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { exportGraph, notesOf } from "../../../client/actions/exporting.ts";
import { ApiError } from "../../../client/runs/api.ts";
import { readDocument } from "../../../graphs/document/index.ts";
import { writeZip } from "../../../runtime/codecs/write-zip.ts";
import type { Problem } from "../../../server/protocol.ts";
import { editorWith, opened } from "../support/editor.ts";

const document = readDocument({ nodes: [], links: [] });
const archive = (notes: readonly string[], padding = "") => {
  const bytes = (text: string) => [new TextEncoder().encode(text)];
  const contents = [
    { name: "manifest.json", chunks: bytes(JSON.stringify({ padding, notes })) },
    { name: "sampler.onnx", chunks: bytes("weights") },
  ];
  return new Blob(writeZip(contents) as Uint8Array<ArrayBuffer>[]);
};

const downloaded: string[] = [];
beforeEach(() => {
  downloaded.length = 0;
  const createElement = () => ({
    click() {
      downloaded.push((this as unknown as { download: string }).download);
    },
  });
  vi.stubGlobal("document", { getElementById: () => null, createElement });
});
afterEach(() => vi.unstubAllGlobals());

test.each([[[]], [["“Save PNG” is left out", "ε"]]])("notes are read from the first file: %j", async (notes) => {
  expect(await notesOf(archive(notes))).toEqual(notes);
  expect(await notesOf(archive(notes, "…".repeat(70_000)))).toEqual(notes);
});

test("a graph is exported once, however often one asks, and what it is told with is shown", async () => {
  let resolve: (zip: Blob) => void = () => {};
  const exported = vi.fn(() => new Promise<Blob>((done) => (resolve = done)));
  const editor = editorWith({ api: { exported } });
  opened(editor, "one", document);
  const first = exportGraph(editor);
  await exportGraph(editor);
  expect([exported.mock.calls.length, editor.state.exporting]).toEqual([1, "one"]);
  expect(editor.state.notice).toEqual({ text: "“one” is being exported" });
  resolve(archive(["“Save PNG” is left out"]));
  await first;
  expect(editor.state.exporting).toBeUndefined();
  expect(editor.state.notice).toEqual({ text: "“one” is exported", more: "“Save PNG” is left out" });
  expect(downloaded).toEqual(["one-onnx.zip"]);
});

const refusals: readonly [string, number, Problem][] = [
  ["at a node, in a list that leads there", 422, { message: "it collects", node: "3/1", port: "value" }],
  ["of models that are held, with the way to allow them", 409, { message: "ended twice", quarantine: "abc" }],
  ["of a full disk, in a line", 507, { message: "The server's disk is full" }],
];

test.each(refusals)("what is refused is told: %s", async (_how, status, problem) => {
  const editor = editorWith({ api: { exported: () => Promise.reject(new ApiError(status, [problem])) } });
  opened(editor, "one", document);
  await exportGraph(editor);
  const { overlay, notice, exporting } = editor.state;
  expect(exporting).toBeUndefined();
  if (problem.node !== undefined)
    return expect([overlay, notice]).toEqual([{ is: "problems", leaving: [problem] }, undefined]);
  expect(notice).toMatchObject({ text: "“one” is not exported", more: problem.message, bad: true });
  expect(notice?.action?.label).toBe(problem.quarantine && "Allow and export");
  // Nothing is wrong with running it.
  expect(editor.tab?.problems).toEqual([]);
});
