/**
 * What the history says of how long runs are kept. A run that is put into the trash has its row still; one that is removed
 * for good loses its row first, at once, and all else that was its own then goes in steps.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { InStatement, Row } from "@libsql/client/sqlite3";
import type { TrashedRun } from "../protocol.ts";
import type { Database } from "../runs/database.ts";

/** So many rows are read, or removed, before others get their turn. */
const rowsAtOnce = 500;
const summedAtOnce = 10_000;

/** Of a run that has ended and may go. */
export interface OldRun {
  readonly id: string;
  readonly number: number;
  readonly ended: string;
  readonly bytes: number;
}

/** A place in the order in which runs ended. */
export type Place = Pick<OldRun, "ended" | "number">;

/** As the index says that has only these, by when they ended. */
const mayGo = "ended IS NOT NULL AND removed IS NULL AND pinned = 0";

export class KeptRuns {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  pin(id: string, pinned: boolean): Promise<void> {
    return this.#write("UPDATE runs SET pinned = ? WHERE id = ?", [Number(pinned), id]);
  }

  /** `removed`: when it was put into the trash; undefined: it is taken out. */
  setRemoved(id: string, removed: string | undefined): Promise<void> {
    return this.#write("UPDATE runs SET removed = ? WHERE id = ?", [removed ?? null, id]);
  }

  /** The last that was put there first. */
  async trashed(): Promise<readonly Trashed[]> {
    const rows = await this.#database.all(`SELECT ${trashColumns} WHERE removed IS NOT NULL ORDER BY removed DESC`);
    return rows.map(trashedOf);
  }

  /** Undefined: it is not in the trash. */
  async trashedRun(id: string): Promise<Trashed | undefined> {
    const [row] = await this.#database.all(`SELECT ${trashColumns} WHERE id = ? AND removed IS NOT NULL`, [id]);
    return row && trashedOf(row);
  }

  /** What the files of runs weigh, by their ids. */
  setWeights(weights: ReadonlyMap<string, number>): Promise<void> {
    return this.#database.write(
      [...weights].map(([id, bytes]) => ({ sql: "UPDATE runs SET bytes = ? WHERE id = ?", args: [bytes, id] })),
    );
  }

  /** Some that have ended and of which nobody knows what they weigh. */
  async unweighed(): Promise<readonly string[]> {
    const rows = await this.#database.all(
      "SELECT id FROM runs WHERE bytes IS NULL AND ended IS NOT NULL ORDER BY number LIMIT 100",
    );
    return rows.map(({ id }) => String(id));
  }

  /** How many runs there are, and what their files weigh, those in the trash too. */
  async total(): Promise<{ readonly count: number; readonly bytes: number }> {
    let [count, bytes, after] = [0, 0, 0];
    for (;;) {
      const [row] = await this.#database.all(
        `SELECT count(*) AS count, coalesce(sum(bytes), 0) AS bytes, max(number) AS last
         FROM (SELECT number, bytes FROM runs WHERE number > ? ORDER BY number LIMIT ?)`,
        [after, summedAtOnce],
      );
      count += Number(row.count);
      bytes += Number(row.bytes);
      if (Number(row.count) < summedAtOnce) return { count, bytes };
      after = Number(row.last);
      await turn();
    }
  }

  /** What the history itself takes; the room that was left in it by what went does not count. */
  async historyBytes(): Promise<number> {
    const [[{ page_count: pages }], [{ freelist_count: free }], [{ page_size: size }]] = await Promise.all(
      ["page_count", "freelist_count", "page_size"].map((name) => this.#database.all(`PRAGMA ${name}`)),
    );
    return (Number(pages) - Number(free)) * Number(size);
  }

  /** Those that ended first and may go, after a place in their order. */
  async oldest(after: Place | undefined): Promise<readonly OldRun[]> {
    const rows = await this.#database.all(
      `SELECT id, number, ended, bytes FROM runs WHERE ${mayGo} AND (ended, number) > (?, ?)
       ORDER BY ended, number LIMIT 100`,
      [after?.ended ?? "", after?.number ?? 0],
    );
    return rows.map(({ id, number, ended, bytes }) => ({
      id: String(id),
      number: Number(number),
      ended: String(ended),
      bytes: Number(bytes ?? 0),
    }));
  }

  /** Where in their order all but the last `count` of them end; undefined where there are no more. */
  async allButLast(count: number): Promise<Place | undefined> {
    const [row] = await this.#database.all(
      `SELECT ended, number FROM runs WHERE ${mayGo} ORDER BY ended DESC, number DESC LIMIT 1 OFFSET ?`,
      [count],
    );
    return row && { ended: String(row.ended), number: Number(row.number) };
  }

  /**
   * From now on there is no such run. What is left of it is `leaving`. `unlessKept`: but where it was pinned, or put away,
   * meanwhile; false, then it stays.
   */
  async forget(id: string, { unlessKept = false } = {}): Promise<boolean> {
    const which = `id = ?${unlessKept ? ` AND ${mayGo}` : ""}`;
    const statements = [
      `INSERT OR IGNORE INTO leaving (run) SELECT id FROM runs WHERE ${which}`,
      `DELETE FROM tasks WHERE number IN (SELECT number FROM runs WHERE ${which})`,
      `DELETE FROM runs WHERE ${which}`,
    ];
    await this.#database.write(
      statements.map((sql) => ({ sql, args: [id] })),
      { durable: true },
    );
    return (await this.#database.all("SELECT 1 FROM leaving WHERE run = ?", [id])).length > 0;
  }

  async leaving(): Promise<readonly string[]> {
    return (await this.#database.all("SELECT run FROM leaving")).map(({ run }) => String(run));
  }

  /** Removes what a run that is leaving has in the history, in steps. Throws when aborted. */
  async clear(run: string, signal?: AbortSignal): Promise<void> {
    for (const table of ["events", "nodes", "outputs"] as const)
      while ((await this.#database.all(`SELECT 1 FROM ${table} WHERE run = ? LIMIT 1`, [run])).length > 0) {
        signal?.throwIfAborted();
        await this.#database.write([someOf(table, run)]);
        await turn();
      }
    await this.#write("DELETE FROM leaving WHERE run = ?", [run]);
  }

  #write(sql: string, args: (string | number | null)[]): Promise<void> {
    return this.#database.write([{ sql, args }], { durable: true });
  }
}

/** A run in the trash, as its row says. */
type Trashed = Omit<TrashedRun, "until">;

const trashColumns = "id, number, title, user, bytes, removed FROM runs";

const trashedOf = ({ id, number, title, user, bytes, removed }: Row): Trashed => ({
  id: String(id),
  number: Number(number),
  title: String(title),
  ...(user !== null && { by: String(user) }),
  ...(bytes !== null && { bytes: Number(bytes) }),
  removed: String(removed),
});

const keys = { events: "seq", nodes: "path", outputs: "name" } as const;

function someOf(table: keyof typeof keys, run: string): InStatement {
  const key = keys[table];
  const sql = `DELETE FROM ${table} WHERE run = ? AND ${key} IN (SELECT ${key} FROM ${table} WHERE run = ? LIMIT ${rowsAtOnce})`;
  return { sql, args: [run, run] };
}
