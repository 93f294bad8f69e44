/**
 * SQLite through one client of one process. @libsql/client runs each call at once and on this thread, so statements are
 * short and writes are gathered: see RunLog. Nothing here begins a transaction that outlives its call.
 */
import { existsSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { type Client, createClient, type InStatement, type Row } from "@libsql/client/sqlite3";
import { makeFolder } from "../files/make-folder.ts";
import { isAsLeft, noteLeft } from "./as-left.ts";
import { backupsIn, copyBefore } from "./backups.ts";
import { upgradeFrom, version } from "./tables.ts";

/** SQLite itself waits on this thread for whoever holds the file. */
const busyTimeoutMs = 5;
/** Beside everything else it is tried again so often, for so long. */
const busyPauseMs = 20;
const busyPatienceMs = 10_000;
/** At the end nobody is held up. */
const lastTimeoutMs = 5_000;
const tryAgainMs = 5_000;

export class Database {
  readonly #path: string;
  readonly #url: string;
  #client: Client;
  #writes: Promise<void> = Promise.resolve();
  #failing: string | undefined;
  #tried = Number.NEGATIVE_INFINITY;

  private constructor(path: string) {
    this.#path = path;
    this.#url = pathToFileURL(path).href;
    this.#client = open(this.#url);
  }

  /**
   * Opens or makes `runs.db` in the folder. One of an earlier version is upgraded, whole or not at all, and a copy of it
   * kept; `say` hears where. Throws when it is damaged or of a newer version.
   */
  static async open(folder: string, say: (line: string) => void = () => {}): Promise<Database> {
    makeFolder(folder);
    const path = join(folder, "runs.db");
    if (isEmptied(folder, path)) throw damaged(path, folder, "it is empty");
    // Before anything opens it.
    const isKnown = isAsLeft(path);
    const database = new Database(path);
    try {
      if (!isKnown) await database.#check();
      await database.#prepare(say);
    } catch (error) {
      database.#client.close();
      const { code, message } = error as { code?: unknown; message: string };
      throw code === "SQLITE_NOTADB" || code === "SQLITE_CORRUPT" ? damaged(path, folder, message) : error;
    }
    return database;
  }

  async all(sql: string, args: readonly (string | number | null)[] = []): Promise<readonly Row[]> {
    return (await this.#retried((client) => client.execute({ sql, args: [...args] }))).rows;
  }

  /** All of the statements or none. `durable`: it has reached the disk, so that not even a power cut undoes it. */
  write(statements: readonly InStatement[], { durable = false } = {}): Promise<void> {
    // One after the other, so that none ends another's durability.
    const written = this.#writes.then(() => this.#transaction(statements, durable));
    this.#writes = written.then(
      () => {
        this.#failing = undefined;
      },
      (error) => {
        // A statement that does not fit says nothing of the file.
        const code = String((error as { code?: unknown }).code ?? "");
        if (/^SQLITE_(FULL|IOERR|READONLY|CORRUPT|NOTADB|CANTOPEN|BUSY)/.test(code)) this.#failing = code;
      },
    );
    return written;
  }

  /** Why the last write failed; undefined when it did not. */
  get failing(): string | undefined {
    return this.#failing;
  }

  /** Writes what is there already, now and then, to see whether it can be. */
  tryAgain(): void {
    if (performance.now() - this.#tried < tryAgainMs) return;
    this.#tried = performance.now();
    this.write([`PRAGMA user_version = ${version}`], { durable: true }).catch(() => {});
  }

  async #transaction(statements: readonly InStatement[], durable: boolean): Promise<void> {
    // Tried again is what was undone alone: what was written once must not be again.
    const written = this.#retried(async (client) => {
      if (durable) await client.execute("PRAGMA synchronous = FULL");
      await client.batch([...statements], "write");
    });
    try {
      await written;
    } finally {
      // At worst the next writes take longer.
      if (durable) await this.#retried((client) => client.execute("PRAGMA synchronous = NORMAL")).catch(() => {});
    }
  }

  /** Puts everything into the one file, so that a copy of it is a copy of the history. */
  async close(): Promise<void> {
    await this.#client.execute(`PRAGMA busy_timeout = ${lastTimeoutMs}`);
    const whole = await this.#client.execute("PRAGMA wal_checkpoint(TRUNCATE)").then(
      ({ rows: [{ busy }] }) => busy === 0,
      () => false,
    );
    this.#client.close();
    if (whole) noteLeft(this.#path);
  }

  async #check(): Promise<void> {
    const [check] = await this.all("PRAGMA quick_check(1)");
    if (check[0] !== "ok") throw damaged(this.#path, dirname(this.#path), String(check[0]));
  }

  async #prepare(say: (line: string) => void): Promise<void> {
    const path = this.#path;
    const [row] = await this.all("PRAGMA user_version");
    const found = Number(row.user_version);
    if (found > version)
      throw new Error(`The run history ${path} has version ${found}, this program knows ${version}: update GuideGraph`);
    await pragmas(this.#client);
    if (found === version) return;
    const copy = found === 0 ? undefined : await this.#copy(copyBefore(dirname(path), found));
    await this.write(upgradeFrom(found), { durable: true });
    if (copy) say(`The run history is of version ${version} now, it was of ${found}; as it was it is kept in ${copy}`);
  }

  async #copy(to: string): Promise<string> {
    makeFolder(dirname(to), 0o700);
    rmSync(to, { force: true });
    await this.all("VACUUM INTO ?", [to]);
    return to;
  }

  /** Another process may hold the file for a while: a copy of it is made, or a person is at its prompt. */
  async #retried<T>(call: (client: Client) => Promise<T>): Promise<T> {
    const since = performance.now();
    for (;;) {
      const client = this.#client;
      try {
        return await call(client);
      } catch (error) {
        const isReplaced = client !== this.#client;
        const isBusy = String((error as { code?: unknown }).code).startsWith("SQLITE_BUSY");
        if (!(isBusy || isReplaced) || performance.now() - since > busyPatienceMs) throw error;
      }
      await wait(busyPauseMs);
      await this.#replace(client);
    }
  }

  /** A connection that found the file held goes on seeing what it saw then. */
  async #replace(client: Client): Promise<void> {
    if (client !== this.#client) return;
    client.close();
    this.#client = open(this.#url);
    // Where it is held still, what is not set now is SQLite's own: safe, and slower.
    await pragmas(this.#client).catch(() => {});
  }
}

/** A file of no bytes is a database to SQLite; where there were runs before, it is what was left of one. */
const isEmptied = (folder: string, path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.size === 0 &&
  (backupsIn(folder).length > 0 || existsSync(join(folder, "runs")));

/** Nothing is repaired or begun anew unasked: what is there may still be saved. */
function damaged(path: string, folder: string, why: string): Error {
  const [backup] = backupsIn(folder);
  const way = backup === undefined ? "to start anew" : `and copy ${backup} in its place, or start anew`;
  return new Error(`The run history ${path} is damaged (${why}): move it away with its -wal file, ${way}`);
}

const open = (url: string): Client => createClient({ url, timeout: busyTimeoutMs, concurrency: 1 });

async function pragmas(client: Client): Promise<void> {
  await client.execute("PRAGMA journal_mode = WAL");
  await client.execute("PRAGMA synchronous = NORMAL");
  await client.execute("PRAGMA wal_autocheckpoint = 1000");
}
