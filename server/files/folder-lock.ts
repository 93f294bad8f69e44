/**
 * One owner of a folder. SQLite holds a lock on `lock.db` for as long as a connection to it is open, and the system lets go of it
 * when the process ends, however it ends. So no lock is ever stale and exactly one taker wins, also from another container on
 * the same volume, where process numbers mean nothing (and from another host, where the volume's file system has locks).
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setImmediate, setTimeout } from "node:timers/promises";
import { connectionTo, hasLocks, inWords, isStill, lockFileIn, lockIn, NoLocks } from "./lock-file.ts";

/** One that is just letting go has so long. */
const patienceMs = 500;
/** So long others may be at what takes milliseconds: a disk may be busy. */
const longestMs = 30_000;
const pauseMs = 5;

/**
 * Takes the folder, which it makes, and gives what lets go of it. When another process has it, throws what is said of its owner,
 * and a NoLocks where nobody could have it. An owner may remove the folder before it lets go.
 */
export async function takeLock(folder: string, told: (owner: string) => string): Promise<() => void> {
  const wait = waiting(folder);
  for (const isLockable = once(() => hasLocks(folder)); ; await wait()) {
    const release = await attempt(folder, () => lockOf(folder), isLockable);
    if (release === "busy") throw new Error(told(ownerOf(folder)));
    if (release === "gone") continue;
    noteOwner(folder);
    return release;
  }
}

/**
 * Does what no two processes may do at once, when it is its turn, or at once where the file system has no locks. Rejects as it
 * does, and where another does not come to an end.
 */
export async function alone<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const wait = waiting(folder);
  for (const isLockable = once(() => hasLocks(folder)); ; await wait()) {
    const turn = await attempt(folder, () => turnIn(folder), isLockable).catch((error) => {
      if (!(error instanceof NoLocks)) throw error;
      return async () => {};
    });
    if (typeof turn === "function") return await work().finally(turn);
  }
}

/** A moment, up to a time when it throws. */
function waiting(folder: string): () => Promise<void> {
  const began = performance.now();
  return async () => {
    if (performance.now() - began > longestMs)
      throw new Error(`Another process holds ${lockIn(folder)} and does not go on: end it`);
    await setTimeout(pauseMs * (1 + Math.random()));
    // Timers that are due again when the last is through let nothing else of this process have a turn, not even who holds it.
    await setImmediate();
  };
}

/**
 * What `take` gives of the file that is there before and after it. "gone": a file that was removed while it was waited for is
 * locked by whoever waited, and is nobody's.
 */
async function attempt<T extends () => unknown>(
  folder: string,
  take: () => Promise<T>,
  isLockable: () => Promise<boolean>,
): Promise<T | "busy" | "gone"> {
  let failed: unknown;
  try {
    const file = lockFileIn(folder);
    const taken = await take().catch((error) => {
      failed = error;
    });
    if (taken && isStill(folder, file)) return taken;
    await taken?.();
    if (!(await isLockable())) throw new NoLocks(folder);
    if (!isStill(folder, file)) return "gone";
    if (isBusy(failed)) return "busy";
  } catch (error) {
    failed = error;
  }
  throw inWords(folder, failed);
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => (asked ??= ask());
}

const isBusy = (error: unknown): boolean => (error as { code?: unknown } | undefined)?.code === "SQLITE_BUSY";

/** A lock for so short a time is let go of by a transaction, at once. */
async function turnIn(folder: string): Promise<() => Promise<void>> {
  const client = connectionTo(lockIn(folder), 0);
  try {
    const transaction = await client.transaction("write");
    return async () => {
      await transaction.rollback();
      client.close();
    };
  } catch (error) {
    client.close();
    throw error;
  }
}

async function lockOf(folder: string): Promise<() => void> {
  const client = connectionTo(lockIn(folder), patienceMs);
  try {
    // In this mode what a transaction has locked stays locked after it; no journal is left beside the file.
    await client.execute("PRAGMA locking_mode = EXCLUSIVE");
    await client.execute("PRAGMA journal_mode = MEMORY");
    await client.batch(["CREATE TABLE IF NOT EXISTS held (by TEXT)"], "write");
  } catch (error) {
    client.close();
    throw error;
  }
  return () => void letGo(client);
}

/**
 * What is left of statements keeps a connection open that was closed, until they are collected: to this process the folder would
 * be locked by itself. In the other mode the first that is read lets go of what a transaction locked.
 */
async function letGo(client: ReturnType<typeof connectionTo>): Promise<void> {
  try {
    await client.execute("PRAGMA locking_mode = NORMAL");
    await client.execute("SELECT count(*) FROM held");
  } catch {
    // The system lets go of what was removed.
  } finally {
    client.close();
  }
}

/** Takes away all that locks leave in a folder, for whoever holds it. */
export const removeLock = (folder: string): Promise<unknown> =>
  Promise.all(
    [lockIn(folder), `${lockIn(folder)}-journal`, ownerFile(folder)].map((path) => rm(path, { force: true })),
  );

/** Who has the folder, in words; undefined when nobody has. Takes nothing, and changes nothing. */
export async function holderOf(folder: string): Promise<string | undefined> {
  if (!existsSync(lockIn(folder))) return undefined;
  try {
    const client = connectionTo(lockIn(folder), 0);
    try {
      await client.execute("SELECT count(*) FROM sqlite_master");
      return undefined;
    } finally {
      client.close();
    }
  } catch (error) {
    if (!isBusy(error)) throw inWords(folder, error);
    return ownerOf(folder);
  }
}

/** For people: who has it is decided by the lock alone. */
const ownerFile = (folder: string): string => join(folder, "owner.json");

function noteOwner(folder: string): void {
  try {
    writeFileSync(ownerFile(folder), JSON.stringify({ pid: process.pid, host: hostname() }));
  } catch {
    // It holds the folder all the same: a note of another user's may be left there, or the disk is full.
  }
}

function ownerOf(folder: string): string {
  try {
    const { pid, host } = JSON.parse(readFileSync(ownerFile(folder), "utf8"));
    return `process ${Number(pid)}${host === hostname() ? "" : ` on ${String(host).slice(0, 80)}`}`;
  } catch {
    return "another process";
  }
}
