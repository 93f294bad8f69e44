import fc from "fast-check";
import { expect, test } from "vitest";
import { bytesOf, type Values } from "../../executor/index.ts";
import { BoundedCache, Budget } from "../../runtime/index.ts";

const sized = (budget: Budget | number) => new BoundedCache<{ readonly size: number }>(budget, ({ size }) => size);

test("caches of one budget make room for each other, the least recently used first", () => {
  const budget = new Budget(30);
  const [pictures, networks] = [sized(budget), sized(budget)];
  pictures.set("a", { size: 10 });
  networks.set("b", { size: 10 });
  pictures.set("c", { size: 10 });
  pictures.get("a");
  networks.set("d", { size: 15 });
  expect([pictures.get("a"), networks.get("b"), pictures.get("c"), networks.get("d")].map(Boolean)).toEqual([
    true,
    false,
    false,
    true,
  ]);
  expect([pictures.bytes, networks.bytes, budget.bytes]).toEqual([10, 15, 25]);
});

test("whatever is done, the budget holds and knows what is in it", () => {
  const step = fc.record({
    cache: fc.constantFrom(0, 1),
    act: fc.constantFrom("set", "get", "delete"),
    key: fc.constantFrom("a", "b", "c", "d"),
    size: fc.integer({ min: 0, max: 120 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const budget = new Budget(100);
      const caches = [sized(budget), sized(budget)];
      for (const { cache, act, key, size } of steps) {
        if (act === "set") caches[cache].set(key, { size });
        else if (act === "get") caches[cache].get(key);
        else caches[cache].delete(key);
        const held = caches.flatMap((one) => ["a", "b", "c", "d"].map((key) => one.get(key)?.size ?? 0));
        expect(budget.bytes).toBe(held.reduce((sum, size) => sum + size, 0));
        expect(budget.bytes).toBe(caches[0].bytes + caches[1].bytes);
        expect(budget.bytes).toBeLessThanOrEqual(100);
        if (act === "set") expect(caches[cache].get(key)?.size).toBe(size > 100 ? undefined : size);
      }
    }),
  );
});

test("a value is made once for all who ask meanwhile, and anew after a failure", async () => {
  const cache = sized(10);
  let made = 0;
  const make = async () => ({ size: ++made });
  const [a, b] = await Promise.all([cache.getOrMake("a", make), cache.getOrMake("a", make)]);
  expect([a, b, await cache.getOrMake("a", make)]).toEqual([a, a, a]);
  await expect(cache.getOrMake("b", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await cache.getOrMake("b", make)).toEqual({ size: 2 });
});

const value = (floats: number): Values => ({ x: { dims: [floats], data: new Float32Array(floats) } });

test("the least recently used value goes first", () => {
  const cache = new BoundedCache<Values>(3 * bytesOf(value(1_000)), bytesOf);
  for (const key of ["a", "b", "c"]) cache.set(key, value(1_000));
  cache.get("a");
  cache.set("d", value(1_000));
  expect(["a", "b", "c", "d"].filter((key) => cache.get(key))).toEqual(["a", "c", "d"]);
});

test("the bytes stay below the limit, whatever comes", () => {
  const cache = new BoundedCache<Values>(100_000, bytesOf);
  for (let i = 0; i < 200; i++) {
    cache.set(`${i % 37}`, value((i * 7919) % 20_000));
    expect(cache.bytes).toBeLessThanOrEqual(100_000);
  }
});

test("a value larger than the cache is not kept and drives nothing out", () => {
  const cache = new BoundedCache<Values>(10_000, bytesOf);
  cache.set("small", value(100));
  cache.set("large", value(10_000));
  expect(cache.get("large")).toBeUndefined();
  expect(cache.get("small")).toBeDefined();
});

test("setting a key again replaces its value and its bytes", () => {
  const cache = new BoundedCache<Values>(100_000, bytesOf);
  cache.set("a", value(1_000));
  cache.set("a", value(10));
  expect(cache.bytes).toBe(bytesOf(value(10)));
});
