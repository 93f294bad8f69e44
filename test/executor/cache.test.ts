import { expect, test } from "vitest";
import { bytesOf, Cache } from "../../executor/index.ts";

const value = (floats: number) => ({ x: { dims: [floats], data: new Float32Array(floats) } });

test("bytesOf counts the arrays in a value, and little for the rest", () => {
  expect(bytesOf(value(1_000))).toBeGreaterThanOrEqual(4_000);
  expect(bytesOf(value(1_000))).toBeLessThan(5_000);
  expect(bytesOf({ model: { key: "k", predict: () => {} } })).toBeLessThan(2_000);
});

test("bytesOf ends at values that refer to each other", () => {
  const step: { earlier?: unknown; later?: unknown } = {};
  step.earlier = { later: step };
  expect(bytesOf({ step })).toBeLessThan(10_000);
});

test("the least recently used value goes first", () => {
  const cache = new Cache(3 * bytesOf(value(1_000)));
  for (const key of ["a", "b", "c"]) cache.set(key, value(1_000));
  cache.get("a");
  cache.set("d", value(1_000));
  expect(["a", "b", "c", "d"].filter((key) => cache.get(key))).toEqual(["a", "c", "d"]);
});

test("the bytes stay below the limit, whatever comes", () => {
  const cache = new Cache(100_000);
  for (let i = 0; i < 200; i++) {
    cache.set(`${i % 37}`, value((i * 7919) % 20_000));
    expect(cache.bytes).toBeLessThanOrEqual(100_000);
  }
});

test("a value larger than the cache is not kept and drives nothing out", () => {
  const cache = new Cache(10_000);
  cache.set("small", value(100));
  cache.set("large", value(10_000));
  expect(cache.get("large")).toBeUndefined();
  expect(cache.get("small")).toBeDefined();
});

test("setting a key again replaces its value and its bytes", () => {
  const cache = new Cache(100_000);
  cache.set("a", value(1_000));
  cache.set("a", value(10));
  expect(cache.bytes).toBe(bytesOf(value(10)));
});
