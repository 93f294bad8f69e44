import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Place, StillThere } from "../../../server/files/still-there.ts";
import { temporaryFolder } from "../../support/cli.ts";

async function kept(kept: Place["kept"]) {
  const path = join(temporaryFolder(), "it");
  mkdirSync(path);
  return { path, it: await StillThere.of([{ called: "It", path, kept }], "server") };
}

test("what is open must be the one that was opened", async () => {
  const { path, it } = await kept("self");
  expect(await it.look()).toBeUndefined();
  renameSync(path, `${path} away`);
  expect(await it.look()).toMatch(/^It is gone: .* put back the one it opened, or start the server anew$/);
  mkdirSync(path);
  expect(await it.lookBriefly()).toMatch(/^It is another than was opened: /);
  expect(it.isLost).toBe(true);
  expect(it.amiss).toBe(await it.look());
  rmSync(path, { recursive: true });
  renameSync(`${path} away`, path);
  expect([await it.look(), it.amiss, it.isLost]).toEqual([undefined, undefined, false]);
});

test("in place of a folder of files another will do, on the same disk", async () => {
  const { path, it } = await kept("folder");
  rmSync(path, { recursive: true });
  writeFileSync(path, "");
  expect(await it.look()).toMatch(/^It is no folder any more: .* make or mount it again/);
  expect(it.isLost).toBe(false);
  unlinkSync(path);
  symlinkSync("/proc", path);
  expect(await it.look()).toMatch(/^It is another than was opened/);
  unlinkSync(path);
  mkdirSync(path);
  expect(await it.look()).toBeUndefined();
});

test("what becomes otherwise is told once, and once when it is well again", async () => {
  const { path, it } = await kept("folder");
  const told: unknown[] = [];
  const end = it.watch((amiss) => told.push(amiss), 1);
  rmSync(path, { recursive: true });
  await expect.poll(() => told).toEqual([expect.stringMatching(/^It is gone: /)]);
  mkdirSync(path);
  await expect.poll(() => told.slice(1)).toEqual([undefined]);
  end();
});
