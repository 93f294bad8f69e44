import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
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

test("hashing is let go of when nobody waits for it, or the process is to end, and is not remembered", async () => {
  writeFileSync(file, Buffer.alloc(64 * 2 ** 20));
  const [end, leave] = [new AbortController(), new AbortController()];
  const cache = join(folder, "ended");
  const hashes = new Hashes(cache, end.signal);
  const [left, waiting] = [hashes.of(file, leave.signal), hashes.of(file)];
  leave.abort(new Error("Nobody wants it"));
  await expect(left).rejects.toThrow("Nobody wants it");
  end.abort(new Error("The process ends"));
  await expect(waiting).rejects.toThrow("The process ends");
  await expect(hashes.of(file)).rejects.toThrow("The process ends");
  expect(existsSync(join(cache, "sha256"))).toBe(false);
});

test("without a place for its records it still hashes", async () => {
  writeFileSync(file, "three");
  expect(await new Hashes(join(file, "no folder")).of(file)).toBe(sha256("three"));
});
