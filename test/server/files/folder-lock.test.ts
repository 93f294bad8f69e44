/** Real processes, since a lock is the system's: `hold.mjs` takes a folder and says so. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, expect, test } from "vitest";
import { takeLock } from "../../../server/files/folder-lock.ts";
import { packageRoot } from "../../../server/files/package-root.ts";
import { temporaryFolder } from "../../support/cli.ts";

const folder = mkdtempSync(join(tmpdir(), "guidegraph-lock-"));
const script = join(folder, "hold.mjs");
const lock = pathToFileURL(join(packageRoot, "dist", "server", "files", "folder-lock.js")).href;
writeFileSync(
  script,
  `import { takeLock } from ${JSON.stringify(lock)};
   takeLock(process.argv[2], (owner) => "It is in use by " + owner).then(() => { console.log("mine"); setInterval(() => {}, 1000); }, (error) => console.log(error.message));`,
);
const started = new Set<ChildProcess>();

afterEach(async () => {
  for (const child of started) child.kill("SIGKILL");
  started.clear();
});

async function taker(data: string, ...before: string[]): Promise<{ said: string; child: ChildProcess }> {
  const [command, ...args] = [...before, process.execPath, script, data];
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  started.add(child);
  const [line] = await once(child.stdout!, "data");
  return { said: String(line).trim(), child };
}
const freshFolder = () => mkdtempSync(join(folder, "data-"));

test("of eight that want it at once exactly one has it, and the others are told who", async () => {
  const data = freshFolder();
  const all = await Promise.all(Array.from({ length: 8 }, () => taker(data)));
  expect(all.filter(({ said }) => said === "mine")).toHaveLength(1);
  for (const { said } of all.filter(({ said }) => said !== "mine"))
    expect(said).toMatch(/is in use by (process \d+|another process)$/);
});

test("it is free the moment its owner is killed", async () => {
  const data = freshFolder();
  for (let i = 0; i < 4; i++) {
    const { said, child } = await taker(data);
    expect(said).toBe("mine");
    child.kill("SIGKILL");
    await once(child, "exit");
  }
});

const canUnshare = spawnSync("unshare", ["--pid", "--fork", "true"]).status === 0;

test.runIf(canUnshare)("a process of another container, with the same number, does not take it over", async () => {
  const data = freshFolder();
  const first = await taker(data, "unshare", "--pid", "--fork", "--kill-child");
  const second = await taker(data, "unshare", "--pid", "--fork", "--kill-child");
  expect([first.said, second.said]).toEqual(["mine", expect.stringContaining("is in use by process")]);
});

process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

test("who has let go of it may take it again at once, and nobody else meanwhile", async () => {
  const folder = temporaryFolder();
  for (let i = 0; i < 5; i++) {
    const release = await takeLock(folder, String);
    await expect(takeLock(folder, (owner) => `${owner} has it`)).rejects.toThrow(`process ${process.pid} has it`);
    release();
  }
  // One that is never let go of, as where its owner failed, is told.
  await takeLock(folder, String);
  await expect(takeLock(folder, (owner) => `${owner} has it`)).rejects.toThrow(`process ${process.pid} has it`);
});
