/** The history of a backup: a copy of one moment, without what was in the trash or on its way out. */
import { pathToFileURL } from "node:url";
import { type Client, createClient } from "@libsql/client/sqlite3";
import { copyHistory } from "../runs/backups.ts";
import { version } from "../runs/tables.ts";
import type { Manifest } from "./manifest.ts";

export interface ListedOutput {
  readonly run: string;
  readonly name: string;
  readonly sha256: string;
}

const ofNoRun = ["events", "nodes", "outputs"].map(
  (table) => `DELETE FROM ${table} WHERE run NOT IN (SELECT id FROM runs)`,
);

export class CopiedHistory {
  readonly #client: Client;
  readonly #found: number;

  private constructor(client: Client, found: number) {
    this.#client = client;
    this.#found = found;
  }

  /** Copies it while another process may write to it. Throws when it cannot be read or is of a newer program. */
  static async copy(from: string, to: string): Promise<CopiedHistory> {
    await copyHistory(from, to);
    const client = open(to);
    const found = Number((await client.execute("PRAGMA user_version")).rows[0][0]);
    if (found > version) {
      client.close();
      throw new Error(`The run history ${from} has version ${found}, this program knows ${version}: update GuideGraph`);
    }
    // Before version 3 nothing could be removed.
    if (found >= 3) await client.batch(["DELETE FROM runs WHERE removed IS NOT NULL", "DELETE FROM leaving"], "write");
    return new CopiedHistory(client, found);
  }

  async runs(): Promise<readonly string[]> {
    return (await this.#client.execute("SELECT id FROM runs ORDER BY number")).rows.map(({ id }) => String(id));
  }

  async outputs(run: string): Promise<readonly ListedOutput[]> {
    const { rows } = await this.#client.execute({
      sql: "SELECT run, name, sha256 FROM outputs WHERE run = ? ORDER BY seq",
      args: [run],
    });
    return rows.map(({ run, name, sha256 }) => ({ run: String(run), name: String(name), sha256: String(sha256) }));
  }

  /** Runs that are gone by now go from the copy as well; it is complete then. */
  async finish(without: readonly string[]): Promise<Manifest["history"]> {
    await this.#client.batch(
      [
        { sql: "DELETE FROM runs WHERE id IN (SELECT value FROM json_each(?))", args: [JSON.stringify(without)] },
        ...(this.#found >= 2 ? ["DELETE FROM tasks WHERE number NOT IN (SELECT number FROM runs)", ...ofNoRun] : []),
      ],
      "write",
    );
    const [{ runs, waiting }] = (
      await this.#client.execute("SELECT count(*) AS runs, coalesce(sum(state = 'queued'), 0) AS waiting FROM runs")
    ).rows;
    return { version: this.#found, runs: Number(runs), waiting: Number(waiting) };
  }

  close(): void {
    this.#client.close();
  }
}

/** Whether a history that a server may write to still lists a run. */
export async function isListed(history: string, run: string): Promise<boolean> {
  const client = open(history);
  try {
    const { rows } = await client.execute("PRAGMA user_version");
    const kept = Number(rows[0][0]) >= 3 ? "AND removed IS NULL" : "";
    return (await client.execute({ sql: `SELECT 1 FROM runs WHERE id = ? ${kept}`, args: [run] })).rows.length > 0;
  } finally {
    client.close();
  }
}

const open = (path: string): Client => createClient({ url: pathToFileURL(path).href, timeout: 10_000, concurrency: 1 });
