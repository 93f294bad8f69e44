import { encode } from "fast-png";
import { expect, test } from "vitest";
import { Budget, type Files, imageStore } from "../../runtime/index.ts";
import { decodePicture } from "../../server/engine/decode-picture.ts";

const png = (side: number, value: number) =>
  encode({ width: side, height: side, channels: 3, depth: 8, data: new Uint8Array(side * side * 3).fill(value) });

/** Files by id and state, and how often they were read. */
function folder() {
  const files = new Map<string, { state: string; bytes: Uint8Array }>();
  const reads: string[] = [];
  const image: Files["image"] = async (id) => {
    const file = files.get(id);
    const read = async () => {
      reads.push(id);
      return file?.bytes ?? new Uint8Array();
    };
    const source = { state: file?.state ?? "", read };
    return file && source;
  };
  return {
    files,
    reads,
    source: {
      models: async () => [],
      similar: async () => [],
      instead: async () => undefined,
      howToBring: () => "bring it",
      image,
      tensor: async () => undefined,
    } satisfies Files,
  };
}

test("pictures that are small in their files and large in memory stay within the budget", async () => {
  const budget = new Budget(4 * 2 ** 20);
  const { files, reads, source } = folder();
  const bytes = png(512, 7);
  expect(bytes.length).toBeLessThan(10_000);
  const store = imageStore(source, decodePicture, budget);
  for (let i = 0; i < 20; i++) {
    files.set(`${i}.png`, { state: "1", bytes });
    expect(await store.facts(`${i}.png`)).toMatchObject({ height: 512, width: 512, channels: 3 });
    expect(budget.bytes).toBeLessThanOrEqual(budget.maxBytes);
  }
  expect(budget.bytes).toBeGreaterThan(3 * 512 * 512 * 3);
  await store.facts("19.png");
  expect(reads).toHaveLength(20);
  await store.facts("0.png");
  expect(reads).toHaveLength(21);
});

test("a picture is read once, and anew when it may be another", async () => {
  const { files, reads, source } = folder();
  const store = imageStore(source, decodePicture);
  files.set("a.png", { state: "1", bytes: png(2, 1) });
  const first = await store.load("a.png");
  expect((await store.load("a.png")).pictures).toBe(first.pictures);
  const before = await store.facts("a.png");
  files.set("a.png", { state: "2", bytes: png(2, 9) });
  expect((await store.load("a.png")).pictures.data[0]).toBe(9);
  expect((await store.facts("a.png")).content).not.toBe(before.content);
  expect(reads).toEqual(["a.png", "a.png"]);
  files.delete("a.png");
  await expect(store.load("a.png")).rejects.toThrow(/is in no pictures folder/);
});

test("a folder is a batch of its pictures, and one that is none is refused by name", async () => {
  const pictures = ["a.png", "b.png"].map((name, i) => ({ name, state: "1", read: async () => png(2, i + 1) }));
  const other = { name: "c.png", state: "1", read: async () => png(3, 9) };
  const folders = new Map([
    ["two/", { pictures }],
    ["three/", { pictures: [...pictures, other] }],
  ]);
  const source = {
    models: async () => [],
    similar: async () => [],
    instead: async () => undefined,
    howToBring: () => "bring it",
    image: async (id: string) => folders.get(id),
    tensor: async () => undefined,
  };
  const store = imageStore(source, decodePicture);
  expect(await store.facts("two/")).toMatchObject({ batch: 2, height: 2, width: 2, channels: 3 });
  expect([...(await store.load("two/")).pictures.data]).toEqual([...Array(12).fill(1), ...Array(12).fill(2)]);
  await expect(store.load("three/")).rejects.toThrow(/are no batch: "a.png" is 2×2×3 and "c.png" 3×3×3/);
});

test("a file is what its bytes are, whatever it is called", async () => {
  const store = imageStore(folder().source, decodePicture);
  expect(await store.look("a.webp", png(2, 1))).toMatchObject({ height: 2, width: 2 });
  const text = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  await expect(store.look("a.png", text)).rejects.toThrow(
    /"a.png": it is a picture \(SVG\): save it as PNG, JPEG or WebP$/,
  );
});
