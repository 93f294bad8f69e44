import type { InferenceSession } from "onnxruntime-common";
import { expect, test } from "vitest";
import type { BuiltModel } from "../../../runtime/index.ts";
import { SessionCache } from "../../../runtime/models/session-cache.ts";

function cacheOf(maxBytes: number) {
  const memory = { held: 0 };
  const log: string[] = [];
  const create = async ({ model }: BuiltModel) => {
    if (model === "bad") throw new Error("no model");
    log.push(`+${model}`);
    const run = async ({ x }: Readonly<Record<string, { readonly takes: number }>>) => {
      memory.held += x.takes;
      return {};
    };
    return { run, release: async () => void log.push(`-${model}`) } as unknown as InferenceSession;
  };
  const cache = new SessionCache(create, { maxBytes, held: () => memory.held });
  const get = (model: string, bytes = 10) => cache.get(model, async () => ({ model, bytes, external: [] }));
  /** A run that grows by so much, of feeds of so many samples. */
  const takes = async (model: string, bytes: number, batch = 1) =>
    (await get(model)).run({ x: { takes: bytes, dims: [batch, 3] } } as never, []);
  return { cache, get, log, memory, takes };
}

test("a session is made once, also when two ask at the same time", async () => {
  const { get, log } = cacheOf(100);
  const [a, b] = await Promise.all([get("a"), get("a")]);
  expect(a.run).toBeDefined();
  expect(b.run).toBeDefined();
  await get("a");
  expect(log).toEqual(["+a"]);
});

test("the least recently used go first, before the new one is made", async () => {
  const { get, log, cache } = cacheOf(25);
  await get("a");
  await get("b");
  await get("a");
  await get("c");
  expect(log).toEqual(["+a", "+b", "-b", "+c"]);
  expect(cache.bytes).toBe(20);
  await get("large", 1000);
  expect(log.slice(4)).toEqual(["-a", "-c", "+large"]);
  await cache.clear();
  expect(log.at(-1)).toBe("-large");
});

test("a session that could not be made is tried anew", async () => {
  const { get, cache } = cacheOf(25);
  await expect(get("bad")).rejects.toThrow("no model");
  await expect(get("bad")).rejects.toThrow("no model");
  expect(cache.bytes).toBe(0);
});

test("a session weighs what its runs took beside its weights, and others make room for it", async () => {
  const { takes, get, log, cache } = cacheOf(100);
  await get("a");
  await get("b");
  expect(cache.bytes).toBe(20);
  await takes("b", 70);
  expect([cache.bytes, log]).toEqual([90, ["+a", "+b"]]);
  // It used again what it had: nothing was learned.
  await takes("b", 0);
  expect(cache.bytes).toBe(90);
  await takes("b", 15);
  expect([cache.bytes, log]).toEqual([95, ["+a", "+b", "-a"]]);
});

test("what a session came to is remembered: room is made for as much when it is loaded again", async () => {
  const { takes, get, log, memory } = cacheOf(100);
  await takes("a", 80);
  await get("large", 60);
  expect(log).toEqual(["+a", "-a", "+large"]);
  memory.held = 0;
  await get("large", 60);
  await get("a");
  expect(log.slice(3)).toEqual(["-large", "+a"]);
});

test("what grew below the most that was held before is nobody's", async () => {
  const { takes, cache, memory } = cacheOf(1_000);
  await takes("a", 100);
  memory.held -= 50;
  await takes("b", 40);
  expect(cache.bytes).toBe(10 + 100 + 10);
});

test("runs of feeds of one form are measured until they have taken what they take, those of another form anew", async () => {
  const { takes, cache } = cacheOf(1_000);
  for (const bytes of [100, 20, 3]) await takes("a", bytes);
  expect(cache.bytes).toBe(10 + 123);
  await takes("a", 7);
  expect(cache.bytes).toBe(10 + 123);
  await takes("a", 50, 8);
  expect(cache.bytes).toBeGreaterThanOrEqual(10 + 123 + 50);
});
