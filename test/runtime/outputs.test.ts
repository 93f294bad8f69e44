import { expect, test } from "vitest";
import type { OutputEvent, Preview } from "../../nodes/index.ts";
import { concat } from "../../runtime/codecs/inflate.ts";
import { graphKeyword, readText, runOutputs } from "../../runtime/index.ts";
import { safeStem } from "../../runtime/outputs.ts";
import { arraysIn } from "../support/npz.ts";

function saved(graph = "{}") {
  const files = new Map<string, Uint8Array>();
  const events: (OutputEvent | Preview)[] = [];
  const outputs = runOutputs(async (name, pieces) => {
    files.set(name, concat(pieces));
    return "hash";
  }, graph);
  const at = (path: string, index = 0, count = 1) => outputs(path, { index, count }, (event) => events.push(event));
  return { files, events, at };
}
const pictures = (n: number, value: number) => ({ dims: [n, 1, 2, 3], data: new Uint8Array(n * 6).fill(value) });

test("one NPZ a node is written when the last batch is in, cut at the end, with labels", async () => {
  const { files, events, at } = saved();
  await at("4", 0, 2).npz(pictures(2, 1), { values: [3, 4] }, 3);
  expect(files.size).toBe(0);
  await at("4", 1, 2).npz(pictures(2, 2), { values: [5, 6] }, 3);
  const arrays = await arraysIn(files.get("samples_3x1x2x3.npz")!);
  expect([...(arrays.get("arr_0")!.data as Uint8Array)].map((v, i) => (i % 6 ? "" : v)).join("")).toBe("112");
  expect([...(arrays.get("arr_1")!.data as BigInt64Array)]).toEqual([3n, 4n, 5n]);
  expect(events).toEqual([
    { type: "output", path: "4", name: "samples_3x1x2x3.npz", mime: "application/octet-stream", sha256: "hash" },
  ]);
});

test("without labels there is no arr_1, and two nodes do not write to one file", async () => {
  const { files, at } = saved();
  await at("4").npz(pictures(1, 1), undefined, 0);
  await at("5").npz(pictures(1, 1), undefined, 0);
  expect([...files.keys()]).toEqual(["samples_1x1x2x3.npz", "samples_1x1x2x3-2.npz"]);
  expect([...(await arraysIn(files.get("samples_1x1x2x3.npz")!)).keys()]).toEqual(["arr_0"]);
});

test("a PNG a picture carries the graph, numbered through the batches", async () => {
  const { files, at } = saved('{"nodes": []}');
  await at("4", 0, 2).png("star", pictures(2, 1));
  await at("4", 1, 2).png("star", pictures(1, 1));
  await at("9", 0, 2).png("star", pictures(1, 1));
  expect([...files.keys()]).toEqual(["star-0000.png", "star-0001.png", "star-0002.png", "star-2-0000.png"]);
  expect(readText(files.get("star-0001.png")!, graphKeyword)).toBe('{"nodes": []}');
});

test.each([
  ["star", "star"],
  ["../../etc/passwd", "_.._etc_passwd"],
  ["C:\\x", "C__x"],
  [".hidden", "hidden"],
  ["", "picture"],
  ["...", "picture"],
  ["nul", "_nul"],
  ["a\0b", "a_b"],
  ["étoile ☆", "étoile _"],
])("safeStem of %j is %j", (stem, safe) => {
  expect(safeStem(stem)).toBe(safe);
});
