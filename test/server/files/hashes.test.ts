import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Hashes } from "../../../server/files/hashes.ts";

const folder = mkdtempSync(join(tmpdir(), "guidegraph-"));
const file = join(folder, "a.pt");
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

test("a hash is remembered until the file changes, and forgotten when its record is damaged", async () => {
  writeFileSync(file, "one");
  expect(await new Hashes(folder).of(file)).toBe(sha256("one"));
  const [record] = readdirSync(join(folder, "sha256"));
  const path = join(folder, "sha256", record);
  const known = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...known, sha256: "remembered" }));
  expect(await new Hashes(folder).of(file)).toBe("remembered");
  writeFileSync(file, "two");
  expect(await new Hashes(folder).of(file)).toBe(sha256("two"));
  writeFileSync(path, "no JSON");
  expect(await new Hashes(folder).of(file)).toBe(sha256("two"));
});

test("without a place for its records it still hashes", async () => {
  writeFileSync(file, "three");
  expect(await new Hashes(join(file, "no folder")).of(file)).toBe(sha256("three"));
});
