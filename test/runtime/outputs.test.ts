import { describe, expect, test } from "vitest";
import type { MeasuredRows, Numbers, NumbersEvent, OutputEvent, Preview } from "../../nodes/index.ts";
import { safeStem } from "../../nodes/index.ts";
import { bytesSource } from "../../onnx/index.ts";
import { graphKeyword, readNpy, readNpzText, readText, runOutputs, type SampleRange } from "../../runtime/index.ts";
import { memoryStore } from "../support/memory-store.ts";
import { arraysIn } from "../support/npz.ts";

function saved(graph = "{}", range?: SampleRange) {
  const files = new Map<string, Uint8Array>();
  const events: (OutputEvent | NumbersEvent | Preview)[] = [];
  const outputs = runOutputs(memoryStore(files), graph, { range });
  const emit = (event: OutputEvent | NumbersEvent | Preview) => void events.push(event);
  const at = (path: string, index = 0, count = 1) => outputs.of(path, { index, count }, emit);
  return { files, events, at, finish: () => outputs.finish(emit) };
}
const pictures = (n: number, value: number) => ({ dims: [n, 1, 2, 3], data: new Uint8Array(n * 6).fill(value) });

test("one NPZ a node is written when the last batch is in, cut at the end, with labels", async () => {
  const { files, events, at, finish } = saved();
  await at("4", 0, 2).npz(pictures(2, 1), { values: [3, 4] }, 3);
  await at("4", 1, 2).npz(pictures(2, 2), { values: [5, 6] }, 3);
  expect(files.size).toBe(0);
  await finish();
  const arrays = await arraysIn(files.get("samples_3x1x2x3.npz")!);
  expect([...(arrays.get("arr_0")!.data as Uint8Array)].map((v, i) => (i % 6 ? "" : v)).join("")).toBe("112");
  expect([...(arrays.get("arr_1")!.data as BigInt64Array)]).toEqual([3n, 4n, 5n]);
  expect(events).toEqual([
    { type: "output", path: "4", name: "samples_3x1x2x3.npz", mime: "application/octet-stream", sha256: "hash" },
  ]);
});

test("without labels there is no arr_1, and two nodes do not write to one file", async () => {
  const { files, at, finish } = saved();
  await at("4").npz(pictures(1, 1), undefined, 0);
  await at("5").npz(pictures(1, 1), undefined, 0);
  await finish();
  expect([...files.keys()]).toEqual(["samples_1x1x2x3.npz", "samples_1x1x2x3-2.npz"]);
  expect([...(await arraysIn(files.get("samples_1x1x2x3.npz")!)).keys()]).toEqual(["arr_0"]);
});

test("the file says which samples it has, and by which graph", async () => {
  const { files, at, finish } = saved('{"nodes": []}');
  await at("4").npz(pictures(2, 1), undefined, 0);
  await finish();
  const file = bytesSource("x", files.get("samples_2x1x2x3.npz")!);
  expect(await readNpzText(file, graphKeyword)).toBe('{"samples":[0,2],"graph":{"nodes": []}}');
  expect(await readNpzText(file, "nothing")).toBeUndefined();
});

test.each(
  [
    [0, 8],
    [0, 1],
    [3, 4],
    [1, 7],
    [2, 6],
    [7, 8],
  ].map(([from, to]) => ({ from, to })),
)("of a range, $from to $to, what lies outside is not kept, wherever batches begin", async (range) => {
  const { files, at, finish } = saved("{}", range);
  // Sample n is a picture of n's, with label n.
  const batch = (index: number) => ({
    dims: [2, 1, 1, 1],
    data: Uint8Array.of(2 * index, 2 * index + 1),
  });
  for (let index = Math.floor(range.from / 2); index < Math.ceil(range.to / 2); index++) {
    const values = [...batch(index).data];
    await at("4", index, Math.ceil(range.to / 2)).npz(batch(index), { values }, 0);
    await at("5", index, Math.ceil(range.to / 2)).png("one", { ...batch(index), dims: [2, 1, 1, 1] });
  }
  await finish();
  const wanted = Array.from({ length: range.to - range.from }, (_, i) => range.from + i);
  const arrays = await arraysIn(files.get(`samples_${wanted.length}x1x1x1_from_${range.from}.npz`)!);
  expect([...(arrays.get("arr_0")!.data as Uint8Array)]).toEqual(wanted);
  expect([...(arrays.get("arr_1")!.data as BigInt64Array)].map(Number)).toEqual(wanted);
  expect([...files.keys()].filter((name) => name.endsWith("png"))).toEqual(wanted.map((n) => `one-000${n}.png`));
});

test("batches of known size have their place, in whichever order they come", async () => {
  const files = new Map<string, Uint8Array>();
  const range = { from: 1, to: 6 };
  const outputs = runOutputs(memoryStore(files), "{}", { range, each: () => 2 });
  for (const index of [2, 0, 1]) await outputs.of("4", { index, count: 3 }, () => {}).png("star", pictures(2, index));
  expect([...files.keys()].sort()).toEqual([1, 2, 3, 4, 5].map((n) => `star-000${n}.png`));
  await expect(outputs.of("4", { index: 1, count: 3 }, () => {}).png("star", pictures(3, 1))).rejects.toThrow(
    "Cannot save 3 samples of batch 1: its graph makes 2 a batch",
  );
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
  ["e\u0301toile", "étoile"],
  ["हिन्दी", "हिन्दी"],
  ["lpt¹.x", "_lpt¹.x"],
  [`${"x".repeat(79)}\u{20000}y`, `${"x".repeat(79)}\u{20000}`],
  ["漢".repeat(100), "漢".repeat(76)],
  ["\ud842", "_"],
])("safeStem of %j is %j", (stem, safe) => {
  expect(safeStem(stem)).toBe(safe);
});

describe("tensors", () => {
  const tensor = (n: number, value: number) => ({ dims: [n, 1, 1, 2], data: new Float32Array(n * 2).fill(value) });

  test("of all batches are one file, as they are", async () => {
    const { files, events, at, finish } = saved('{"nodes": []}');
    for (const index of [0, 1]) await at("4", index, 2).tensor("map", tensor(2, index / 3), npz);
    await finish();
    const file = files.get("map.npz")!;
    expect((await arraysIn(file)).get("arr_0")).toEqual({
      type: "float32",
      dims: [4, 1, 1, 2],
      data: Float32Array.of(0, 0, 0, 0, 1 / 3, 1 / 3, 1 / 3, 1 / 3),
    });
    expect(await readNpzText(bytesSource("x", file), graphKeyword)).toBe('{"samples":[0,4],"graph":{"nodes": []}}');
    expect(events).toEqual([
      { type: "output", path: "4", name: "map.npz", mime: "application/octet-stream", sha256: "hash" },
    ]);
  });

  test("are an NPY, and halves, by choice; a file that is there stays", async () => {
    const { files, at, finish } = saved();
    files.set("map.npy", new Uint8Array());
    await at("4").tensor("map", tensor(1, -0.5), { format: "npy", type: "float16" });
    await finish();
    expect([...files.keys()]).toEqual(["map.npy", "map-2.npy"]);
    expect(readNpy(files.get("map-2.npy")!)).toEqual({
      type: "float16",
      dims: [1, 1, 1, 2],
      data: Uint16Array.of(0xb800, 0xb800),
    });
  });

  test("that halves cannot hold are refused, and nothing is written", async () => {
    const { files, at } = saved();
    const written = at("4").tensor("map", tensor(1, 1e6), { format: "npz", type: "float16" });
    await expect(written).rejects.toThrow("Cannot save 1000000 as float16, which goes to 65504");
    expect(files.size).toBe(0);
  });

  test("of a range are those of its samples, in a file that says where they begin", async () => {
    const { files, at, finish } = saved("{}", { from: 1, to: 3 });
    for (const index of [0, 1]) await at("4", index, 2).tensor("map", tensor(2, index), npz);
    await finish();
    expect([...files.keys()]).toEqual(["map_from_1.npz"]);
    expect([...(await arraysIn(files.get("map_from_1.npz")!)).get("arr_0")!.data]).toEqual([0, 0, 1, 1]);
  });

  const npz = { format: "npz", type: "float32" } as const;
});

describe("measures", () => {
  const rows = (from: number, count: number) => ({
    dims: [count, 2],
    data: Float32Array.from({ length: 2 * count }, (_, i) => from + Math.floor(i / 2)),
  });
  /** The sum of all rows, and what is beside them. */
  async function sums({ count, width, beside, read }: MeasuredRows): Promise<Numbers> {
    let sum = 0;
    for await (const some of read()) sum += some.reduce((a, b) => a + b, 0);
    return { sum: { value: sum }, width: { value: width }, beside: { value: beside[0] ?? 0 }, count: { value: count } };
  }
  const measuring = (conclude: (rows: MeasuredRows) => Promise<Numbers>, range?: SampleRange) => {
    const files = new Map<string, Uint8Array>();
    const events: (OutputEvent | NumbersEvent)[] = [];
    const outputs = runOutputs(memoryStore(files), "{}", { range, each: () => 3, conclude: () => conclude });
    const at = (index: number) => outputs.of("4", { index, count: 3 }, () => {});
    return { at, events, outputs, finish: () => outputs.finish((event) => void events.push(event)) };
  };

  test("conclude from the rows of all batches, and from what is beside them, asked for once", async () => {
    const { at, events, finish } = measuring(sums);
    let asked = 0;
    const beside = async () => Float64Array.of(++asked, 8);
    for (const index of [0, 1]) await at(index).measure(rows(3 * index, 3), beside);
    await finish();
    const numbers = { sum: { value: 30 }, width: { value: 2 }, beside: { value: 1 }, count: { value: 6 } };
    expect(events).toEqual([{ type: "numbers", path: "4", pictures: 6, numbers }]);
    expect(asked).toBe(1);
  });

  test("of a range are of its samples alone", async () => {
    const { at, events, finish } = measuring(sums, { from: 2, to: 4 });
    for (const index of [0, 1]) await at(index).measure(rows(3 * index, 3));
    await finish();
    expect(events).toMatchObject([{ pictures: 2, numbers: { sum: { value: 10 }, beside: { value: 0 } } }]);
  });

  test.each([
    ["fails", async () => Promise.reject(new RangeError("too few")), "too few"],
    ["says what is no number", async () => ({ sum: { value: Number.NaN } }), "Its sum of 3 pictures is NaN"],
  ])("that %s costs nobody the files", async (_, conclude, said) => {
    const { at, events, outputs, finish } = measuring(conclude);
    await at(0).measure(rows(0, 3));
    await outputs.of("5", { index: 0, count: 1 }, () => {}).npz(pictures(3, 1), undefined, 0);
    await expect(finish()).rejects.toThrow(said);
    expect(events).toMatchObject([{ type: "output", path: "5" }]);
  });
});
