import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bytesBelow, DiskSpace } from "../../../server/files/disk-space.ts";
import { temporaryFolder } from "../../support/cli.ts";

test("what a folder takes is the sum of its files at any depth, links aside", async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "a", "b"), { recursive: true });
  for (let i = 0; i < 100; i++) writeFileSync(join(folder, "a", `${i}`), "x".repeat(i));
  writeFileSync(join(folder, "a", "b", "more"), "x".repeat(50));
  symlinkSync(folder, join(folder, "a", "b", "round"));
  expect(await bytesBelow(folder)).toBe(5_000);
  expect(await bytesBelow(join(folder, "none"))).toBe(0);
});

test("it is known without waiting, a moment after it is first asked for", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "file"), "1234");
  const space = new DiskSpace(folder);
  expect(space.taken).toBeUndefined();
  await expect.poll(() => space.taken).toBe(4);
  await expect.poll(() => space.free).toBeGreaterThan(0);
});
