import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { backUp, backupsIn } from "../../../server/runs/backups.ts";
import { Database } from "../../../server/runs/database.ts";
import { RunHistory, rowsOf } from "../../../server/runs/history.ts";
import { RunLog } from "../../../server/runs/run-log.ts";
import { version } from "../../../server/runs/tables.ts";
import { temporaryFolder } from "../../support/cli.ts";
import { generator } from "../../support/random.ts";

const options = { batches: 1, set: {}, watch: [], first: false };
const graph = JSON.stringify({ filler: "a graph of some size ".repeat(100) });
const record = (log: RunLog, id: string) =>
  log.begin(id, rowsOf({ id, key: undefined, request: "", title: id, graph, options }));

/** A folder with a history of so many runs, closed. */
async function historyOf(count: number): Promise<string> {
  const folder = temporaryFolder();
  const database = await Database.open(folder);
  for (let i = 0; i < count; i++) await record(new RunLog(database), `run-${i}`);
  await database.close();
  return folder;
}

async function runsIn(folder: string): Promise<number> {
  const database = await Database.open(folder);
  const runs = await new RunHistory(database).list({ limit: 500 });
  await database.close();
  return runs.length;
}

function writeInto(file: string, bytes: Uint8Array, position: number): void {
  const opened = openSync(file, "r+");
  writeSync(opened, bytes, 0, bytes.length, position);
  closeSync(opened);
}

const path = (folder: string) => join(folder, "runs.db");
const pageBytes = 4_096;
const day = (n: number) => new Date(Date.UTC(2026, 0, n));

describe("copies of the history", () => {
  test("are made once a day while the server writes, and the last three kept", async () => {
    const folder = await historyOf(3);
    const database = await Database.open(folder);
    expect(await backUp(folder, day(1))).toBe(true);
    expect(await backUp(folder, day(1))).toBe(false);
    for (let n = 2; n <= 5; n++) {
      await record(new RunLog(database), `later-${n}`);
      expect(await backUp(folder, day(n))).toBe(true);
    }
    await database.close();
    expect(readdirSync(join(folder, "backups")).sort()).toEqual([3, 4, 5].map((n) => `runs-2026-01-0${n}.db`));
    const restored = temporaryFolder();
    copyFileSync(backupsIn(folder)[0], path(restored));
    expect(await runsIn(restored)).toBe(7);
  });

  test("that were cut short go when the next is made", async () => {
    const folder = await historyOf(1);
    mkdirSync(join(folder, "backups"));
    writeFileSync(join(folder, "backups", "runs-2026-01-01.db.tmp"), "half a copy");
    await backUp(folder, day(2));
    expect(readdirSync(join(folder, "backups"))).toEqual(["runs-2026-01-02.db"]);
  });

  test("that cannot be made say why, and leave nothing", async () => {
    const folder = await historyOf(1);
    writeFileSync(path(folder), "no database at all, but long enough to look like something");
    await expect(backUp(folder, day(1))).rejects.toThrow(/not a database/);
    expect(backupsIn(folder)).toEqual([]);
  });
});

describe("a damaged history is refused with the reason and the last copy, and stays as it is:", () => {
  const damages: Readonly<Record<string, (file: string) => void>> = {
    "cut off": (file) => truncateSync(file, 10_000),
    "no database": (file) => writeFileSync(file, "x".repeat(8_192)),
    empty: (file) => truncateSync(file, 0),
  };
  test.each(Object.entries(damages))("%s", async (_, damage) => {
    const folder = await historyOf(20);
    await backUp(folder, day(1));
    damage(path(folder));
    const before = readFileSync(path(folder));
    const copy = join(folder, "backups", "runs-2026-01-01.db");
    const refusal = expect(Database.open(folder)).rejects;
    await refusal.toThrow(/^The run history .*runs\.db is damaged \(.+\): move it away with its -wal file, and copy /s);
    await expect(Database.open(folder)).rejects.toThrow(copy);
    expect(readFileSync(path(folder))).toEqual(before);
    for (const name of readdirSync(folder).filter((name) => name.startsWith("runs.db"))) rmSync(join(folder, name));
    copyFileSync(copy, path(folder));
    expect(await runsIn(folder)).toBe(20);
  });

  test("any page written over", async () => {
    const sound = await historyOf(40);
    const pages = readFileSync(path(sound)).length / pageBytes;
    const random = generator(1);
    for (let page = 0; page < pages; page++) {
      const folder = temporaryFolder();
      copyFileSync(path(sound), path(folder));
      const noise = Buffer.from(Array.from({ length: pageBytes }, () => Math.floor(random() * 256)));
      writeInto(path(folder), noise, page * pageBytes);
      await expect(Database.open(folder), `page ${page} of ${pages}`).rejects.toThrow(/ is damaged \(/);
    }
  });
});

const noise = Buffer.alloc(pageBytes, 0xa5);

test.each<[how: string, (file: string) => void]>([
  ["its size", (file) => truncateSync(file, readFileSync(file).length - pageBytes)],
  ["a page", (file) => writeInto(file, noise, pageBytes)],
  [
    "a page, and put its time back",
    (file) => {
      const { atime, mtime } = statSync(file);
      writeInto(file, noise, pageBytes);
      utimesSync(file, atime, mtime);
    },
  ],
])("a history that was closed well is looked through where somebody changed %s", async (_, change) => {
  const folder = await historyOf(40);
  expect(await runsIn(folder)).toBe(40);
  change(path(folder));
  await expect(Database.open(folder)).rejects.toThrow(/ is damaged \(/);
  // It is so at the second try, too.
  await expect(Database.open(folder)).rejects.toThrow(/ is damaged \(/);
});

test("a history that another process writes to is waited for, while everything else goes on", async () => {
  const folder = await historyOf(1);
  const database = await Database.open(folder);
  await database.write(["CREATE TABLE probe (synchronous INTEGER)"]);
  const holder = spawn(process.execPath, ["--input-type=module", "-e", holding, path(folder)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(holder, "exit");
  await once(holder.stdout, "data");
  let turns = 0;
  const ticking = setInterval(() => turns++, 5);
  // What reaches the disk only if it is told to: 2 is FULL.
  const written = database.write(["INSERT INTO probe SELECT synchronous FROM pragma_synchronous"], { durable: true });
  const read = Promise.all(Array.from({ length: 5 }, () => database.all("SELECT count(*) AS runs FROM runs")));
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(turns).toBeGreaterThan(10);
  holder.stdin.end();
  await ended;
  await written;
  clearInterval(ticking);
  expect((await read).map(([{ runs }]) => runs)).toEqual(Array(5).fill(1));
  expect(await database.all("SELECT synchronous FROM probe")).toMatchObject([{ synchronous: 2 }]);
  expect(await database.all("SELECT synchronous FROM pragma_synchronous")).toMatchObject([{ synchronous: 1 }]);
  await database.close();
});

/** Has a database in the midst of a transaction until its stdin ends. */
const holding = `
  import { createClient } from "@libsql/client/sqlite3";
  const client = createClient({ url: "file://" + process.argv[1], timeout: 1000 });
  const transaction = await client.transaction("write");
  await transaction.execute("CREATE TABLE held (by TEXT)");
  console.log("held");
  process.stdin.resume().on("end", () => transaction.commit());
`;

test("a newer history is refused with both versions, an empty file where nothing was is a new one", async () => {
  const folder = await historyOf(1);
  const database = await Database.open(folder);
  await database.write([`PRAGMA user_version = ${version + 1}`]);
  await database.close();
  await expect(Database.open(folder)).rejects.toThrow(
    `has version ${version + 1}, this program knows ${version}: update GuideGraph`,
  );
  const fresh = temporaryFolder();
  writeFileSync(path(fresh), "");
  expect(await runsIn(fresh)).toBe(0);
  mkdirSync(join(fresh, "runs"));
  truncateSync(path(fresh), 0);
  await expect(Database.open(fresh)).rejects.toThrow(/is damaged \(it is empty\): .* to start anew$/);
});
