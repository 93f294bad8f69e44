/**
 * One owner of a folder. SQLite holds a lock on `lock.db` for as long as a connection to it is open, and the system lets go of it
 * when the process ends, however it ends. So no lock is ever stale and exactly one taker wins, also from another container on
 * the same volume, where process numbers mean nothing (and from another host, where the volume's file system has locks).
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createClient } from "@libsql/client/sqlite3";

/** One that is just letting go has so long. */
const patienceMs = 500;

/** Takes the folder and gives what lets go of it. When another process has it, throws what is said of its owner. */
export async function takeLock(folder: string, told: (owner: string) => string): Promise<() => void> {
  const client = createClient({
    url: pathToFileURL(join(folder, "lock.db")).href,
    timeout: patienceMs,
    concurrency: 1,
  });
  try {
    // In this mode what a transaction has locked stays locked after it; no journal is left beside the file.
    await client.execute("PRAGMA locking_mode = EXCLUSIVE");
    await client.execute("PRAGMA journal_mode = MEMORY");
    await client.batch(["CREATE TABLE IF NOT EXISTS held (by TEXT)"], "write");
  } catch (error) {
    client.close();
    if ((error as { code?: unknown }).code !== "SQLITE_BUSY") throw error;
    throw new Error(told(ownerOf(folder)));
  }
  writeFileSync(ownerFile(folder), JSON.stringify({ pid: process.pid, host: hostname() }), { mode: 0o600 });
  return () => client.close();
}

/** Who has the folder, in words; undefined when nobody has. Takes nothing, and changes nothing. */
export async function holderOf(folder: string): Promise<string | undefined> {
  if (!existsSync(join(folder, "lock.db"))) return undefined;
  const client = createClient({ url: pathToFileURL(join(folder, "lock.db")).href, timeout: 0, concurrency: 1 });
  try {
    await client.execute("SELECT count(*) FROM sqlite_master");
    return undefined;
  } catch (error) {
    if ((error as { code?: unknown }).code !== "SQLITE_BUSY") throw error;
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
