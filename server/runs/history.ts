/** Every run that was ever accepted, as its row and its events tell. */
import type { InStatement, Row } from "@libsql/client/sqlite3";
import type { NodeSummary, RunDetail, RunRequest, RunState, RunSummary } from "../protocol.ts";
import { endStates, runFailure, runState } from "../protocol.ts";
import type { Database } from "./database.ts";
import { outputsOf, type Told } from "./run-outputs.ts";

/** What a run does, beside its graph. */
export type RunSettings = Pick<RunRequest, "batches" | "set" | "watch" | "targets" | "first">;

export interface NewRun {
  readonly id: string;
  /** Idempotency-Key; two runs never share one. */
  readonly key: string | undefined;
  /** Hash of the request, to tell a repeated one from another with the same key. */
  readonly request: string;
  readonly title: string;
  /** The identity of its document, where that has one. */
  readonly document?: string | undefined;
  /** The text of its document. */
  readonly graph: string;
  readonly options: RunSettings;
  /** The name of who submitted it; undefined: the owner. */
  readonly by?: string | undefined;
}

/** Enough to run it. */
export interface Job {
  readonly id: string;
  /** The text of its document. */
  readonly graph: string;
  readonly options: RunSettings;
}

export class RunHistory {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async withKey(key: string): Promise<Pick<NewRun, "id" | "request" | "by"> | undefined> {
    const [row] = await this.#database.all("SELECT id, request, user FROM runs WHERE key = ?", [key]);
    return row && { id: String(row.id), request: String(row.request), by: nameIn(row.user) };
  }

  // What is in the trash is not told of.

  /** The newest first, those below number `before`. */
  async list({ limit, before }: { readonly limit: number; readonly before?: number }): Promise<RunSummary[]> {
    const rows = await this.#database.all(
      `SELECT ${summaryColumns} FROM runs WHERE number < ? AND removed IS NULL ORDER BY number DESC LIMIT ?`,
      [before ?? Number.MAX_SAFE_INTEGER, limit],
    );
    const outputs = await outputsOf(
      this.#database,
      rows.map(({ id }) => String(id)),
    );
    return rows.map((row) => summaryOf(row, outputs));
  }

  async summary(id: string): Promise<RunSummary | undefined> {
    const [summary] = await this.summaries([id]);
    return summary;
  }

  /** Those that there are, in any order. */
  async summaries(ids: readonly string[]): Promise<readonly RunSummary[]> {
    const rows = await this.#database.all(
      `SELECT ${summaryColumns} FROM runs WHERE id IN (SELECT value FROM json_each(?)) AND removed IS NULL`,
      [JSON.stringify(ids)],
    );
    const outputs = await outputsOf(this.#database, ids);
    return rows.map((row) => summaryOf(row, outputs));
  }

  async detail(id: string): Promise<RunDetail | undefined> {
    const [row] = await this.#database.all(
      `SELECT ${summaryColumns}, graph, options FROM runs JOIN tasks USING (number) WHERE id = ? AND removed IS NULL`,
      [id],
    );
    if (!row) return undefined;
    const { set, targets, watch } = JSON.parse(String(row.options)) as RunSettings;
    const summary = summaryOf(row, await outputsOf(this.#database, [id]));
    return {
      ...summary,
      graph: JSON.parse(String(row.graph)),
      set,
      ...(targets && { targets }),
      watch,
      nodes: (await this.#nodes(id)).map((node) => asLeft(node, summary.state)),
    };
  }

  async job(id: string): Promise<Job | undefined> {
    const [row] = await this.#database.all("SELECT graph, options FROM runs JOIN tasks USING (number) WHERE id = ?", [
      id,
    ]);
    return row && { id, graph: String(row.graph), options: JSON.parse(String(row.options)) };
  }

  /**
   * Runs in these states, with the number of their last event and who submitted them, in the order in which they are due: the
   * last that was to go before all others, the one before it, …, those that were put in an order, then the others as they
   * were accepted.
   */
  async inStates(
    states: readonly RunState[],
  ): Promise<(Pick<NewRun, "id" | "by"> & { readonly state: RunState; readonly seq: number })[]> {
    const rows = await this.#database.all(
      `SELECT id, state, seq, user FROM runs WHERE state IN (${states.map(() => "?").join(", ")})
       ORDER BY CASE WHEN place IS NOT NULL THEN place WHEN first THEN -number ELSE number END`,
      states,
    );
    return rows.map(({ id, state, seq, user }) => ({
      id: String(id),
      state: runState.parse(state),
      seq: Number(seq),
      by: nameIn(user),
    }));
  }

  /**
   * Keeps the order of all that waits of a user. What is submitted later has a higher number than there are places, and what
   * then goes first a lower one.
   */
  keepOrder(ids: readonly string[]): Promise<void> {
    return this.#database.write([
      {
        sql: `UPDATE runs SET place = asked.key FROM json_each(?) AS asked WHERE asked.value = runs.id`,
        args: [JSON.stringify(ids)],
      },
    ]);
  }

  /** What the log knows a file to be. */
  async output(id: string, name: string): Promise<{ readonly mime: string; readonly sha256: string } | undefined> {
    const [row] = await this.#database.all("SELECT mime, sha256 FROM outputs WHERE run = ? AND name = ?", [id, name]);
    return row && { mime: String(row.mime), sha256: String(row.sha256) };
  }

  /** How many batches of a run were told, which come in their order. */
  async batchesTold(id: string): Promise<number> {
    const [row] = await this.#database.all(
      `SELECT json_extract(event, '$.index') AS batch FROM events
       WHERE run = ? AND json_extract(event, '$.type') = 'batch' ORDER BY seq DESC LIMIT 1`,
      [id],
    );
    return row === undefined ? 0 : Number(row.batch) + 1;
  }

  /** The last that was said of each node. */
  async #nodes(id: string): Promise<NodeSummary[]> {
    const rows = await this.#database.all("SELECT event FROM nodes WHERE run = ? ORDER BY first", [id]);
    const nodes = new Map<string, NodeSummary>();
    for (const { event } of rows) {
      const { type, path, ...rest } = JSON.parse(String(event));
      const before = nodes.get(path) ?? { path, state: "running" as const };
      const { state, index, count, pictures, numbers, ...told } = rest;
      nodes.set(
        path,
        type === "step"
          ? { ...before, step: { index, count } }
          : type === "numbers"
            ? { ...before, numbers: { pictures, numbers } }
            : { ...before, state, ...told },
      );
    }
    return [...nodes.values()];
  }
}

/** A run that ended otherwise than it was to tells nothing more of what was at work in it, a loop and what is around it. */
const asLeft = (node: NodeSummary, state: RunState): NodeSummary =>
  node.state === "running" && endStates.has(state) ? { ...node, state: "stopped" } : node;

/** The rows of a run that is accepted now. */
export const rowsOf = ({ id, key, request, title, document, graph, options, by }: NewRun): InStatement[] => [
  {
    sql: `INSERT INTO runs (id, key, request, title, batches, first, state, seq, created, user, document)
          VALUES (?, ?, ?, ?, ?, ?, 'queued', 0, ?, ?, ?)`,
    args: [
      id,
      key ?? null,
      request,
      title,
      options.batches,
      Number(options.first),
      new Date().toISOString(),
      by ?? null,
      document ?? null,
    ],
  },
  {
    sql: "INSERT INTO tasks (number, graph, options) SELECT number, ?, ? FROM runs WHERE id = ?",
    args: [graph, JSON.stringify(options), id],
  },
];

const summaryColumns =
  "id, number, title, batches, state, seq, created, started, ended, ms, failure, user, pinned, bytes, document";

const nameIn = (user: Row[string]): string | undefined => (user === null ? undefined : String(user));

function summaryOf(row: Row, told: ReadonlyMap<string, Told>): RunSummary {
  const { id, number, title, batches, state, seq, created, started, ended, ms, failure, user, pinned, bytes } = row;
  const { document } = row;
  return {
    id: String(id),
    number: Number(number),
    title: String(title),
    ...(document !== null && { document: String(document) }),
    ...(user !== null && { by: String(user) }),
    ...stateOf(state, failure),
    batches: Number(batches),
    seq: Number(seq),
    created: String(created),
    ...(started !== null && { started: String(started) }),
    ...(ended !== null && { ended: String(ended) }),
    ...(ms !== null && { ms: Number(ms) }),
    ...(pinned === 1 && { pinned: true as const }),
    ...(bytes !== null && { bytes: Number(bytes) }),
    ...(told.get(String(id)) ?? { outputs: [] }),
  };
}

/** One row that is damaged hides no other. */
function stateOf(state: Row[string], failure: Row[string]): Pick<RunSummary, "state" | "failure"> {
  try {
    const read = { state: runState.parse(state) };
    return failure === null ? read : { ...read, failure: runFailure.parse(JSON.parse(String(failure))) };
  } catch {
    return { state: "failed", failure: { code: "PROTOCOL", message: "Its row in the history is damaged" } };
  }
}
