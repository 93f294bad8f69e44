/** The file of a folder that locks are of: that it is there, which one it is, and why there is no lock to be had of it. */
import { accessSync, closeSync, constants, mkdirSync, openSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createClient } from "@libsql/client/sqlite3";
import { unfinishedName } from "./atomic.ts";
import { expectRoot } from "./kept-roots.ts";

export const lockIn = (folder: string): string => join(folder, "lock.db");

export const connectionTo = (path: string, timeout: number) =>
  createClient({ url: pathToFileURL(path).href, timeout, concurrency: 1 });

/** Others take such a folder away only as often as they end in it. */
const mostAttempts = 1_000;

/**
 * Which file is to be locked: one of this number is no other as long as somebody has it open. One that is there is not opened:
 * by POSIX a process that closes a file lets go of all its locks on it. Whoever may write in the folder may lock it.
 */
export function lockFileIn(folder: string): number {
  for (let attempt = 1; ; attempt++) {
    const there = statSync(lockIn(folder), { throwIfNoEntry: false });
    // SQLite would open one that may only be read, and lock nobody out.
    if (there) accessSync(lockIn(folder), constants.R_OK | constants.W_OK);
    if (there) return there.ino;
    expectRoot(folder);
    mkdirSync(folder, { recursive: true });
    try {
      closeSync(openSync(lockIn(folder), "wx", 0o666));
    } catch (error) {
      // Another made it, or took the folder away again.
      if (!["EEXIST", "ENOENT"].includes(codeOf(error) ?? "") || attempt === mostAttempts) throw error;
    }
  }
}

export const isStill = (folder: string, file: number): boolean =>
  statSync(lockIn(folder), { throwIfNoEntry: false })?.ino === file;

/** There is no lock to be had in a folder, whoever asks. */
export class NoLocks extends Error {
  override name = "NoLocks";

  constructor(folder: string) {
    super(
      `Cannot lock ${lockIn(folder)}: its file system has no locks, or gives a file another number each time. Mount it with them, or give a folder on a disk of this machine`,
    );
  }
}

/**
 * Told by a file that nobody else can hold: that somebody has it is all that SQLite says of a file system without locks.
 * True where the folder is gone meanwhile, and has to be made again.
 */
export async function hasLocks(folder: string): Promise<boolean> {
  const path = join(folder, unfinishedName("lock"));
  try {
    closeSync(openSync(path, "wx"));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return true;
    throw error;
  }
  try {
    const before = statSync(path).ino;
    const client = connectionTo(path, 0);
    try {
      await (await client.transaction("write")).rollback();
    } finally {
      client.close();
    }
    return statSync(path).ino === before;
  } catch (error) {
    return codeOf(error) === "ENOENT";
  } finally {
    rmSync(path, { force: true });
  }
}

/** An error that was met at the lock of a folder, in words and with the file; SQLite has a number for those of the system. */
export function inWords(folder: string, error: unknown): unknown {
  if (error instanceof NoLocks) return error;
  const path = lockIn(folder);
  const code = codeOf(error);
  const denied = [code, codeAt(path)].find((one) => one === "EACCES" || one === "EPERM" || one === "EROFS");
  const why =
    denied === undefined
      ? `Cannot lock ${path}: ${error instanceof Error ? error.message : error}`
      : `Cannot lock ${path}: this user may not write there (${denied}). Choose another folder, or have its owner let you: those who share one need a common group and umask 002`;
  return Object.assign(new Error(why, { cause: error }), { code: denied ?? code });
}

/** What the system says of a file that is to be read and written. */
function codeAt(path: string): string | undefined {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
