/** What other processes do is done by real ones: users, and a process that is killed, cannot be played. */
import { spawnSync } from "node:child_process";
import fs, { chmodSync, chownSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import Database from "libsql";
import { afterEach, expect, test, vi } from "vitest";
import { Journal } from "../../../server/files/journal.ts";
import { interruptedIn } from "../../../server/files/journals.ts";
import { computedInName, OutputFolder } from "../../../server/files/output-folder.ts";
import { packageRoot } from "../../../server/files/package-root.ts";
import { temporaryFolder } from "../../support/cli.ts";

const files = pathToFileURL(join(packageRoot, "dist", "server", "files", "/")).href;
const script = join(temporaryFolder(), "draw.mjs");
writeFileSync(
  script,
  `import { Journal } from "${files}journal.js";
   import { computedInName, OutputFolder } from "${files}output-folder.js";
   import { interruptedIn } from "${files}journals.js";
   const { user, drawings } = JSON.parse(process.argv[2]);
   if (user !== undefined) { process.setgid(60_000); process.setuid(user); }
   for (const { out, identity, umask, does } of drawings) {
     if (umask !== undefined) process.umask(umask);
     try {
       const journal = await Journal.open(out, identity);
       const folder = new OutputFolder(out, journal);
       await folder.numbers("star", 0, Infinity);
       console.log(await folder.free("samples", ".npz"));
       await journal.choose(computedInName, "float16");
       if (does === "a batch") await journal.note(0, [], { spools: {}, numbers: {}, gathered: {} });
       if (does !== "all") continue;
       console.log((await interruptedIn(out, identity)).length + " interrupted");
       await journal.close(true);
     } catch (error) { console.log(error.message); }
   }
   process.kill(process.pid, "SIGKILL");`,
);

interface Drawing {
  readonly out: string;
  readonly identity: string;
  readonly umask?: number;
  /** By when it is killed. */
  readonly does: "all" | "a batch" | "nothing";
}
const drawn = (drawings: readonly Drawing[], user?: number): readonly string[] =>
  spawnSync(process.execPath, [script, JSON.stringify({ drawings, user })], { encoding: "utf8" })
    .stdout.trimEnd()
    .split("\n");

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
});

test("what was killed before a batch was done keeps no name, binds nobody, and is gone", async () => {
  const out = temporaryFolder();
  drawn([
    { out, identity: "killed", does: "nothing" },
    { out, identity: "killed too", does: "nothing" },
    { out, identity: "done", does: "a batch" },
  ]);
  const same = await Journal.open(out, "killed");
  expect([...same.names]).toEqual([]);
  expect(readdirSync(join(out, ".guidegraph")).sort()).toEqual(["done", "killed", "lock.db"]);
  const folder = new OutputFolder(out, same);
  // Behind the names of one that was interrupted, its third million of numbers, and of no other.
  expect(await folder.free("samples", ".npz")).toBe("samples.npz");
  const first = await folder.numbers("star", 0, Infinity, 1);
  expect(first.take(1, { batch: 0, at: 0 })).toBe(3_000_000);
  expect(await interruptedIn(out, "killed")).toMatchObject([{ done: 1 }]);
  await same.close(true);
  const again = await Journal.open(out, "done");
  expect([again.done, again.names.get(computedInName)]).toEqual([1, "float16"]);
  await again.close(true);
  expect(readdirSync(out)).toEqual([]);
});

test.runIf(process.getuid?.() === 0)("two users of a group share a folder, and are told where they cannot", () => {
  const [out, closed] = [temporaryFolder(), temporaryFolder()];
  for (const folder of [out, closed]) {
    chownSync(folder, 0, 60_000);
    chmodSync(folder, 0o2775);
  }
  const first: Drawing = { out, identity: "a", umask: 0o002, does: "a batch" };
  expect(drawn([first, { ...first, out: closed, umask: 0o022 }], 60_001)).toEqual(["samples.npz", "samples.npz"]);
  const ended = { umask: 0o002, does: "all" } as const;
  const ways = [
    { ...ended, out, identity: "b" },
    { ...ended, out, identity: "a" },
    { ...ended, out: closed, identity: "a" },
    { ...ended, out: closed, identity: "b" },
  ];
  const denied = (identity: string) =>
    `Cannot lock ${join(closed, ".guidegraph", identity, "lock.db")}: this user may not write there (EACCES). Choose another folder, or have its owner let you: those who share one need a common group and umask 002`;
  const shared = ["samples-2.npz", "1 interrupted", "samples.npz", "0 interrupted"];
  expect(drawn(ways, 60_002)).toEqual([...shared, denied("a"), denied("b")]);
  expect(readdirSync(out)).toEqual([]);
});

/** What SQLite says where NFS has nobody for its locks, and where a file system knows none at all. */
const refusals = { SQLITE_BUSY: 5, SQLITE_IOERR_LOCK: 3850 };

function withoutLocks(code: keyof typeof refusals): void {
  const { prepare } = Database.prototype;
  vi.spyOn(Database.prototype, "prepare").mockImplementation(function (this: Database.Database, sql: string) {
    if (sql.startsWith("BEGIN")) throw new Database.SqliteError(code, code, refusals[code]);
    return prepare.call(this, sql);
  });
}

function withAnyNumber(): void {
  const { statSync } = fs;
  let number = 0;
  vi.spyOn(fs, "statSync").mockImplementation((...args: Parameters<typeof statSync>) => {
    const found = statSync(...args);
    return found && Object.assign(found, { ino: ++number });
  });
  syncBuiltinESMExports();
}

test.each<[string, () => void]>([
  ["nobody for its locks", () => withoutLocks("SQLITE_BUSY")],
  ["no locks", () => withoutLocks("SQLITE_IOERR_LOCK")],
  ["another number for a file each time", withAnyNumber],
])("on a file system with %s a run is told so, and goes on where it may", async (_, begin) => {
  const out = temporaryFolder();
  begin();
  const noLocks = /^Cannot lock .*lock\.db: its file system has no locks.* give a folder on a disk of this machine$/;
  await expect(Journal.open(out, "a")).rejects.toThrow(noLocks);
  const told: string[] = [];
  const journal = await Journal.open(out, "a", ({ message }) => told.push(message));
  expect(told).toEqual([expect.stringMatching(noLocks)]);
  const folder = new OutputFolder(out, journal);
  const name = await folder.free("samples", ".npz");
  const pieces = [Buffer.from("1")];
  await folder.save(name, pieces);
  // A second who had chosen the same name.
  await expect(new OutputFolder(out, journal).save(name, [Buffer.from("2")])).rejects.toThrow("another file has that");
  await journal.close(true);
  expect(readdirSync(out)).toEqual(["samples.npz"]);
});

const garbage = (lines: readonly string[], at: number) =>
  [...lines.slice(0, at), "\0\0\0", ...lines.slice(at + 1)].join("\n");

test.each<[string, (lines: readonly string[]) => string, number, number]>([
  ["whole", (lines) => lines.join("\n"), 3, 0],
  ["cut off in its last line", (lines) => lines.join("\n").slice(0, -5), 2, 0],
  ["emptied", () => "", 0, 0],
  ["damaged in its first line", (lines) => garbage(lines, 0), 0, 4],
  ["damaged in its third line", (lines) => garbage(lines, 2), 1, 2],
  ["damaged in its last line", (lines) => garbage(lines, 3), 2, 1],
])(
  "a journal that is %s is gone on with as far as it can be read, and what cannot is told",
  async (_, change, done, damaged) => {
    const out = temporaryFolder();
    const journal = await Journal.open(out, "run");
    await journal.choose("star-", 0);
    for (const batch of [0, 1, 2]) await journal.note(batch, [], { spools: {}, numbers: {}, gathered: {} });
    await journal.close(false);
    const path = join(journal.folder, "journal");
    writeFileSync(path, change(readFileSync(path, "utf8").split("\n")));
    // Another run that is begun beside it takes nothing of it away.
    await (await Journal.open(out, "other")).close(true);
    const again = await Journal.open(out, "run");
    expect(again.done).toBe(done);
    if (damaged === 0) expect(again.damage).toBeUndefined();
    else expect(again.damage).toMatch(new RegExp(`journal is damaged: of its last ${damaged} lines? nothing is taken`));
    await again.note(done, [], { spools: {}, numbers: {}, gathered: {} });
    await again.close(false);
    const last = await Journal.open(out, "run");
    expect([last.done, last.damage]).toEqual([done + 1, undefined]);
    await last.close(true);
  },
);

/** Two files of three batches: by how far each was written when a batch was done, and how much of it is left. */
test.each([
  ["all", { a: 30, b: 6 }, [0, 1, 2]],
  ["more than is known", { a: 99, b: 9 }, [0, 1, 2]],
  ["the rows of two batches", { a: 29, b: 6 }, [0, 2]],
  ["one file and half of the other", { a: 30, b: 3 }, [0]],
  ["one file alone", { a: 30 }, []],
  ["nothing", {}, []],
])("of a run that has %s left, what is missing is drawn again, under the names that it had", async (_, left, done) => {
  const out = temporaryFolder();
  const journal = await Journal.open(out, "run");
  await journal.choose("star-", 7);
  // Devices end in any order.
  for (const [batch, spools] of [
    [0, { a: 10, b: 2 }],
    [2, { a: 20, b: 4 }],
    [1, { a: 30, b: 6 }],
  ] as const)
    await journal.note(batch, [], { spools, numbers: {}, gathered: {} });
  await journal.close(false);
  for (const [name, bytes] of Object.entries(left))
    writeFileSync(join(journal.folder, `${name}.rows`), Buffer.alloc(bytes));
  const again = await Journal.open(out, "run");
  expect([...again.before].sort()).toEqual(done);
  expect(again.names.get("star-")).toBe(7);
  const isWhole = done.length === 3;
  expect(again.damage ?? "").toMatch(isWhole ? /^$/ : /rows are missing that were written: .* drawn again$/);
  await again.note(5, [], { spools: {}, numbers: {}, gathered: {} });
  await again.close(false);
  const last = await Journal.open(out, "run");
  expect([last.done, last.damage]).toEqual([done.length + 1, undefined]);
  await last.close(true);
});
