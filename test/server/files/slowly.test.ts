import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeSlowly, weigh } from "../../../server/files/slowly.ts";
import { temporaryFolder } from "../../support/cli.ts";

test("a folder weighs what its files do, and goes with all that is in it", async () => {
  const outside = join(temporaryFolder(), "stays");
  writeFileSync(outside, "x".repeat(1_000));
  const folder = join(temporaryFolder(), "run");
  mkdirSync(join(folder, "a", "b"), { recursive: true });
  for (let i = 0; i < 300; i++) writeFileSync(join(folder, i % 2 ? "a" : "a/b", `${i}.png`), "12345");
  expect(await weigh(folder)).toBe(1_500);
  symlinkSync(outside, join(folder, "link"));
  await removeSlowly(folder);
  expect([existsSync(folder), existsSync(outside)]).toEqual([false, true]);
  await removeSlowly(folder);
  expect(await weigh(folder)).toBe(0);
});

test("what is aborted goes on where it stopped", async () => {
  const folder = join(temporaryFolder(), "run");
  mkdirSync(folder);
  for (let i = 0; i < 100; i++) writeFileSync(join(folder, `${i}`), "");
  const abort = new AbortController();
  const removed = removeSlowly(folder, abort.signal);
  while (readdirSync(folder).length === 100) await new Promise((resolve) => setImmediate(resolve));
  abort.abort();
  await expect(removed).rejects.toThrow();
  expect(existsSync(folder)).toBe(true);
  await removeSlowly(folder);
  expect(existsSync(folder)).toBe(false);
});
