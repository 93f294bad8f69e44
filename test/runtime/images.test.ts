import { encode } from "fast-png";
import { expect, test } from "vitest";
import { Budget, type Files, imageStore } from "../../runtime/index.ts";

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
  return { files, reads, source: { models: async () => [], similar: async () => [], image } satisfies Files };
}

test("pictures that are small in their files and large in memory stay within the budget", async () => {
  const budget = new Budget(4 * 2 ** 20);
  const { files, reads, source } = folder();
  const bytes = png(512, 7);
  expect(bytes.length).toBeLessThan(10_000);
  const store = imageStore(source, budget);
  for (let i = 0; i < 20; i++) {
    files.set(`${i}.png`, { state: "1", bytes });
    expect(await store.facts(`${i}.png`)).toMatchObject({ size: 512, channels: 3 });
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
  const store = imageStore(source);
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
