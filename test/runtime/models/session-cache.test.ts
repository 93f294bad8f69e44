import type { InferenceSession } from "onnxruntime-common";
import { expect, test } from "vitest";
import type { BuiltModel } from "../../../runtime/index.ts";
import { SessionCache } from "../../../runtime/models/session-cache.ts";

function cacheOf(maxBytes: number) {
  const log: string[] = [];
  const create = async ({ model }: BuiltModel) => {
    if (model === "bad") throw new Error("no model");
    log.push(`+${model}`);
    return { release: async () => void log.push(`-${model}`) } as unknown as InferenceSession;
  };
  const cache = new SessionCache(create, maxBytes);
  const get = (model: string, bytes = 10) => cache.get(model, async () => ({ model, bytes, external: [] }));
  return { cache, get, log };
}

test("a session is made once, also when two ask at the same time", async () => {
  const { get, log } = cacheOf(100);
  const [a, b] = await Promise.all([get("a"), get("a")]);
  expect(a).toBe(b);
  expect(await get("a")).toBe(a);
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
