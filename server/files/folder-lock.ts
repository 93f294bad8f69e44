/**
 * One owner of a folder. SQLite holds a lock on `lock.db` for as long as a connection to it is open, and the system lets go of it
 * when the process ends, however it ends. So no lock is ever stale and exactly one taker wins, also from another container on
 * the same volume, where process numbers mean nothing (and from another host, where the volume's file system has locks).
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { createClient } from "@libsql/client/sqlite3";

/** One that is just letting go has so long. */
const patienceMs = 500;

/**
 * Takes the folder, which it makes, and gives what lets go of it. When another process has it, throws what is said of its owner.
 * An owner may remove the folder before it lets go.
 */
export async function takeLock(folder: string, told: (owner: string) => string): Promise<() => void> {
  for (;;) {
    const before = lockFileIn(folder);
    const release = await lockOf(folder, told).catch((error) => {
      if (isStill(folder, before)) throw error;
    });
    // A file that was removed while it was waited for is locked by whoever waited, and is nobody's.
    if (release && isStill(folder, before)) {
      writeFileSync(ownerFile(folder), JSON.stringify({ pid: process.pid, host: hostname() }), { mode: 0o600 });
      return release;
    }
    release?.();
  }
}

/** So long another process may be at what takes milliseconds: a disk may be busy. */
const longestMs = 30_000;
const pauseMs = 5;

/** Does what no two processes may do at once, when it is its turn. Rejects as it does, and where another does not come to an end. */
export async function alone<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  for (;;) {
    const turn = await turnIn(folder);
    if (turn) return await work().finally(turn);
    if (performance.now() - began > longestMs)
      throw new Error(`Another process holds ${lockIn(folder)} and does not go on: end it`);
    await setTimeout(pauseMs * (1 + Math.random()));
  }
}

/** What ends it; undefined: it is another's turn. A lock for so short a time is let go of by a transaction, at once. */
async function turnIn(folder: string): Promise<(() => Promise<void>) | undefined> {
  const before = lockFileIn(folder);
  const client = createClient({ url: pathToFileURL(lockIn(folder)).href, timeout: 0, concurrency: 1 });
  try {
    const transaction = await client.transaction("write");
    const end = async () => {
      await transaction.rollback();
      client.close();
    };
    if (isStill(folder, before)) return end;
    await end();
  } catch (error) {
    client.close();
    if (!isBusy(error) && isStill(folder, before)) throw error;
  }
  return undefined;
}

const lockIn = (folder: string): string => join(folder, "lock.db");

/**
 * Which file is to be locked: one of this number is no other as long as somebody has it open. One that is there is not opened:
 * by POSIX a process that closes a file lets go of all its locks on it.
 */
function lockFileIn(folder: string): number {
  for (;;) {
    const there = statSync(lockIn(folder), { throwIfNoEntry: false });
    if (there) return there.ino;
    mkdirSync(folder, { recursive: true });
    try {
      closeSync(openSync(lockIn(folder), "wx", 0o600));
    } catch (error) {
      // Another made it, or took the folder away again.
      if (!["EEXIST", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }
}

const isStill = (folder: string, file: number): boolean =>
  statSync(lockIn(folder), { throwIfNoEntry: false })?.ino === file;

const isBusy = (error: unknown): boolean => (error as { code?: unknown }).code === "SQLITE_BUSY";

async function lockOf(folder: string, told: (owner: string) => string): Promise<() => void> {
  const client = createClient({ url: pathToFileURL(lockIn(folder)).href, timeout: patienceMs, concurrency: 1 });
  try {
    // In this mode what a transaction has locked stays locked after it; no journal is left beside the file.
    await client.execute("PRAGMA locking_mode = EXCLUSIVE");
    await client.execute("PRAGMA journal_mode = MEMORY");
    await client.batch(["CREATE TABLE IF NOT EXISTS held (by TEXT)"], "write");
  } catch (error) {
    client.close();
    if (!isBusy(error)) throw error;
    throw new Error(told(ownerOf(folder)));
  }
  return () => client.close();
}

/** Takes away all that locks leave in a folder, for whoever holds it. */
export const removeLock = (folder: string): Promise<unknown> =>
  Promise.all(
    [lockIn(folder), `${lockIn(folder)}-journal`, ownerFile(folder)].map((path) => rm(path, { force: true })),
  );

/** Who has the folder, in words; undefined when nobody has. Takes nothing, and changes nothing. */
export async function holderOf(folder: string): Promise<string | undefined> {
  if (!existsSync(lockIn(folder))) return undefined;
  const client = createClient({ url: pathToFileURL(lockIn(folder)).href, timeout: 0, concurrency: 1 });
  try {
    await client.execute("SELECT count(*) FROM sqlite_master");
    return undefined;
  } catch (error) {
    if (!isBusy(error)) throw error;
    return ownerOf(folder);
  } finally {
    client.close();
  }
}

/** For people: who has it is decided by the lock alone. */
const ownerFile = (folder: string): string => join(folder, "owner.json");

function ownerOf(folder: string): string {
  try {
    const { pid, host } = JSON.parse(readFileSync(ownerFile(folder), "utf8"));
    return `process ${Number(pid)}${host === hostname() ? "" : ` on ${String(host).slice(0, 80)}`}`;
  } catch {
    return "another process";
  }
}
