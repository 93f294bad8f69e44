import { expect, test, vi } from "vitest";
import { labelsOf } from "../../../client/actions/labels.ts";
import { viewOfSummary } from "../../../client/runs/run-view.ts";
import { entryOf, type NpyArray, writeNpz } from "../../../runtime/codecs/index.ts";
import { editorWith } from "../support/editor.ts";

const pictures: NpyArray = { type: "uint8", dims: [3, 64, 64, 3], data: new Uint8Array(3 * 64 * 64 * 3) };
const labels = (values: readonly bigint[]): NpyArray => ({
  type: "int64",
  dims: [values.length],
  data: BigInt64Array.from(values),
});

function stage(files: Readonly<Record<string, Readonly<Record<string, NpyArray>>>>, state = "succeeded") {
  let read = 0;
  const editor = editorWith({
    api: {
      async outputPart(_run: string, name: string, from: number, to: number) {
        const entries = Object.entries(files[name]).map(([key, array]) => [key, entryOf(array)] as const);
        const all = Buffer.concat(writeNpz(Object.fromEntries(entries)));
        read += Math.min(to, all.length) - from;
        return { bytes: Uint8Array.from(all.subarray(from, to)), size: all.length };
      },
    },
  });
  const outputs = Object.keys(files).map((name) => ({ path: "1", name, mime: "", sha256: "" }));
  const run = viewOfSummary({ id: "run", outputs, state } as unknown as Parameters<typeof viewOfSummary>[0]);
  return { editor, run, read: () => read };
}

test("labels are read from the file that has some, without its pictures", async () => {
  const { editor, run, read } = stage({
    "a.npz": { arr_0: pictures },
    "b.npz": { arr_0: pictures, arr_1: labels([7n, 0n, 3n]) },
  });
  expect(labelsOf(editor, run)).toBeUndefined();
  expect(labelsOf(editor, run)).toBeUndefined();
  await vi.waitFor(() => expect(labelsOf(editor, run)).toEqual([7, 0, 3]));
  expect(read()).toBeLessThan(8_000);
});

test("a run without labels has none, and one that goes on is not asked", async () => {
  const { editor, run } = stage({ "a.npz": { arr_0: pictures } });
  labelsOf(editor, run);
  await vi.waitFor(() => expect(labelsOf(editor, run)).toEqual([]));
  const running = stage({ "a.npz": { arr_1: labels([1n]) } }, "running");
  expect(labelsOf(running.editor, running.run)).toBeUndefined();
  await Promise.resolve();
  expect(running.editor.state.labels.size).toBe(0);
});
