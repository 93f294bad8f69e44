/**
 * A history that is looked at and stays as it is. While a server has it, as any other reader of it, at one moment; else as a
 * copy, since SQLite tidies what it opens.
 */
import { constants, existsSync } from "node:fs";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Client, createClient } from "@libsql/client/sqlite3";
import { holderOf } from "../files/folder-lock.ts";

const busyTimeoutMs = 10_000;

/** Calls `look` with a client of the history in a data folder. */
export async function lookAtHistory<T>(data: string, look: (client: Client) => Promise<T>): Promise<T> {
  const temporary = await mkdtemp(join(tmpdir(), "guidegraph-doctor-"));
  try {
    for (const name of (await holderOf(data)) === undefined ? ["runs.db", "runs.db-wal"] : [])
      if (existsSync(join(data, name)))
        await copyFile(join(data, name), join(temporary, name), constants.COPYFILE_FICLONE);
    // A server that has begun meanwhile writes on beside what was copied.
    const folder = (await holderOf(data)) === undefined ? temporary : data;
    const url = pathToFileURL(join(folder, "runs.db")).href;
    const client = createClient({ url, timeout: busyTimeoutMs, concurrency: 1 });
    try {
      await client.execute("PRAGMA query_only = 1");
      return await look(client);
    } finally {
      client.close();
    }
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
