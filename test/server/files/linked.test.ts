import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { linked } from "../../../server/files/linked.ts";
import { temporaryFolder } from "../../support/cli.ts";

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

test("a file gets a name that none has, and no other's", async () => {
  for (const name of ["one", "other"]) writeFileSync(at(name), name);
  expect(await linked(at("one"), at("name"))).toBe(true);
  expect(await linked(at("other"), at("name"))).toBe(false);
  expect(readFileSync(at("name"), "utf8")).toBe("one");
  await expect(linked(at("nothing"), at("new"))).rejects.toThrow("ENOENT");
});

// A folder has no second name on any system, as a file has none on FAT.
test("what can have no second name is given its only one, and no other's", async () => {
  for (const name of ["a", "b"]) mkdirSync(at(name));
  expect(await linked(at("a"), at("c"))).toBe(true);
  expect([existsSync(at("a")), existsSync(at("c"))]).toEqual([false, true]);
  expect(await linked(at("b"), at("c"))).toBe(false);
  expect(existsSync(at("b"))).toBe(true);
});
