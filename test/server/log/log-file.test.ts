import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LogFile } from "../../../server/log/log-file.ts";
import { temporaryFolder } from "../../support/cli.ts";

const line = (i: number) => `line ${i} ${"x".repeat(88)}\n`;

test("a file that is large is put aside, so many are kept, and each has whole lines in their order", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "logs", "server.log");
  const instead: string[] = [];
  const file = await LogFile.open({ path, maxBytes: 1_000, kept: 2, instead: (text) => instead.push(text) });
  for (let i = 0; i < 100; i++) file.write(line(i));
  await file.close();
  expect(instead).toEqual([]);
  expect(readdirSync(join(folder, "logs")).sort()).toEqual(["server.log", "server.log.1", "server.log.2"]);
  const texts = ["server.log.2", "server.log.1", "server.log"].map((name) =>
    readFileSync(join(folder, "logs", name), "utf8"),
  );
  const numbers = [...texts.join("").matchAll(/^line (\d+) x{88}$/gm)].map(([, i]) => Number(i));
  expect(numbers).toEqual(numbers.map((_, i) => 100 - numbers.length + i));
  for (const text of texts) expect(text.length).toBeLessThan(1_100);
  expect(statSync(path).mode & 0o077).toBe(0);
});

test("a file that was there is written on", async () => {
  const path = join(temporaryFolder(), "server.log");
  writeFileSync(path, "before\n");
  const file = await LogFile.open({ path, maxBytes: 1_000, kept: 1, instead: () => {} });
  file.write("after\n");
  await file.close();
  expect(readFileSync(path, "utf8")).toBe("before\nafter\n");
});

test("while it cannot be written its lines go elsewhere, which is told once; then they come back", async () => {
  const path = join(temporaryFolder(), "server.log");
  // In its way when the file is put aside.
  mkdirSync(join(`${path}.1`, "full"), { recursive: true });
  const instead: string[] = [];
  const options = { path, maxBytes: 200, kept: 1, retryMs: 100, instead: (text: string) => instead.push(text) };
  const file = await LogFile.open(options);
  const why = /^Cannot write the log server.log \(E\w+\): its lines are told here until it can\n$/;
  const lines = () => instead.filter((text) => !why.test(text));
  for (let i = 0; i < 10; i++) file.write(line(i));
  // Those that were not written yet when it failed are told as well, if need be twice.
  await expect.poll(() => lines().at(-1)).toBe(line(9));
  expect(instead.length).toBe(lines().length + 1);
  for (let i = 2; i < 10; i++) expect(lines()).toContain(line(i));
  file.write(line(10));
  expect(lines().at(-1)).toBe(line(10));
  rmSync(`${path}.1`, { recursive: true });
  await new Promise((resolve) => setTimeout(resolve, 150));
  file.write(line(11));
  await file.close();
  expect(lines()).not.toContain(line(11));
  expect(readFileSync(path, "utf8") + readFileSync(`${path}.1`, "utf8")).toContain(`\n${line(11)}`);
});

test("a file that cannot be begun is refused", async () => {
  const folder = temporaryFolder();
  const options = { maxBytes: 200, kept: 1, instead: () => {} };
  await expect(LogFile.open({ ...options, path: folder })).rejects.toThrow(/not a file/);
  await expect(LogFile.open({ ...options, path: "/proc/none/server.log" })).rejects.toThrow();
  expect(existsSync("/proc/none")).toBe(false);
});
