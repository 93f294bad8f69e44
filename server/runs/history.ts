/** Every run that was ever accepted, as its row and its events tell. */
import type { InStatement, Row } from "@libsql/client";
import type { NodeSummary, RunDetail, RunRequest, RunState, RunSummary } from "../protocol.ts";
import { runState } from "../protocol.ts";
import type { Database } from "./database.ts";

/** What a run does, beside its graph. */
export type RunSettings = Pick<RunRequest, "batches" | "set" | "watch" | "targets" | "first">;

export interface NewRun {
  readonly id: string;
  /** Idempotency-Key; two runs never share one. */
  readonly key: string | undefined;
  /** Hash of the request, to tell a repeated one from another with the same key. */
  readonly request: string;
  readonly title: string;
  /** The text of its document. */
  readonly graph: string;
  readonly options: RunSettings;
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

  async withKey(key: string): Promise<{ readonly id: string; readonly request: string } | undefined> {
    const [row] = await this.#database.all("SELECT id, request FROM runs WHERE key = ?", [key]);
    return row && { id: String(row.id), request: String(row.request) };
  }

  /** The newest first, those below number `before`. */
  async list({ limit, before }: { readonly limit: number; readonly before?: number }): Promise<RunSummary[]> {
    const rows = await this.#database.all(
      `SELECT ${summaryColumns} FROM runs WHERE number < ? ORDER BY number DESC LIMIT ?`,
      [before ?? Number.MAX_SAFE_INTEGER, limit],
    );
    const outputs = await this.#outputs(rows.map(({ id }) => String(id)));
    return rows.map((row) => summaryOf(row, outputs));
  }

  async summary(id: string): Promise<RunSummary | undefined> {
    const [row] = await this.#database.all(`SELECT ${summaryColumns} FROM runs WHERE id = ?`, [id]);
    return row && summaryOf(row, await this.#outputs([id]));
  }

  async detail(id: string): Promise<RunDetail | undefined> {
    const [row] = await this.#database.all(`SELECT ${summaryColumns}, graph FROM runs WHERE id = ?`, [id]);
    if (!row) return undefined;
    const { set, targets, watch } = JSON.parse(String(row.options)) as RunSettings;
    return {
      ...summaryOf(row, await this.#outputs([id])),
      graph: JSON.parse(String(row.graph)),
      set,
      ...(targets && { targets }),
      watch,
      nodes: await this.#nodes(id),
    };
  }

  async job(id: string): Promise<Job | undefined> {
    const [row] = await this.#database.all("SELECT id, graph, options FROM runs WHERE id = ?", [id]);
    return row && { id, graph: String(row.graph), options: JSON.parse(String(row.options)) };
  }

  /**
   * Runs in these states, with the number of their last event, in the order in which they are due: the last that was to
   * go before all others, the one before it, …, then the others as they were accepted.
   */
  async inStates(
    states: readonly RunState[],
  ): Promise<{ readonly id: string; readonly state: RunState; readonly seq: number }[]> {
    const rows = await this.#database.all(
      `SELECT id, state, seq FROM runs WHERE state IN (${states.map(() => "?").join(", ")})
       ORDER BY CASE WHEN options ->> 'first' THEN -number ELSE number END`,
      states,
    );
    return rows.map(({ id, state, seq }) => ({ id: String(id), state: runState.parse(state), seq: Number(seq) }));
  }

  /** What the log knows a file to be. */
  async output(id: string, name: string): Promise<{ readonly mime: string; readonly sha256: string } | undefined> {
    const [row] = await this.#database.all("SELECT mime, sha256 FROM outputs WHERE run = ? AND name = ?", [id, name]);
    return row && { mime: String(row.mime), sha256: String(row.sha256) };
  }

  async #outputs(ids: readonly string[]): Promise<Map<string, RunSummary["outputs"]>> {
    if (ids.length === 0) return new Map();
    const rows = await this.#database.all(
      `SELECT run, path, name, mime, sha256 FROM outputs WHERE run IN (${ids.map(() => "?").join(", ")}) ORDER BY seq`,
      ids,
    );
    const outputs = new Map<string, RunSummary["outputs"]>();
    for (const { run, path, name, mime, sha256 } of rows) {
      const output = { path: String(path), name: String(name), mime: String(mime), sha256: String(sha256) };
      outputs.set(String(run), [...(outputs.get(String(run)) ?? []), output]);
    }
    return outputs;
  }

  /** The last that was said of each node. */
  async #nodes(id: string): Promise<NodeSummary[]> {
    const rows = await this.#database.all(
      `SELECT event FROM events JOIN (
         SELECT min(seq) AS first, max(seq) AS last FROM events
         WHERE run = ? AND event ->> 'type' IN ('node', 'step') GROUP BY event ->> 'type', event ->> 'path'
       ) ON seq = last WHERE run = ? ORDER BY first`,
      [id, id],
    );
    const nodes = new Map<string, NodeSummary>();
    for (const { event } of rows) {
      const { type, path, ...rest } = JSON.parse(String(event));
      const before = nodes.get(path) ?? { path, state: "running" as const };
      const { state, ms, message, index, count } = rest;
      nodes.set(
        path,
        type === "step"
          ? { ...before, step: { index, count } }
          : { ...before, state, ...(ms !== undefined && { ms }), ...(message !== undefined && { message }) },
      );
    }
    return [...nodes.values()];
  }
}

/** The row of a run that is accepted now. */
export const rowOf = ({ id, key, request, title, graph, options }: NewRun): InStatement => ({
  sql: `INSERT INTO runs (id, key, request, title, graph, options, state, seq, created)
        VALUES (?, ?, ?, ?, ?, ?, 'queued', 0, ?)`,
  args: [id, key ?? null, request, title, graph, JSON.stringify(options), new Date().toISOString()],
});

const summaryColumns = "id, number, title, options, state, seq, created, started, ended, ms, failure";

function summaryOf(row: Row, outputs: ReadonlyMap<string, RunSummary["outputs"]>): RunSummary {
  const { id, number, title, options, state, seq, created, started, ended, ms, failure } = row;
  return {
    id: String(id),
    number: Number(number),
    title: String(title),
    state: runState.parse(state),
    batches: (JSON.parse(String(options)) as RunSettings).batches,
    seq: Number(seq),
    created: String(created),
    ...(started !== null && { started: String(started) }),
    ...(ended !== null && { ended: String(ended) }),
    ...(ms !== null && { ms: Number(ms) }),
    ...(failure !== null && { failure: JSON.parse(String(failure)) }),
    outputs: outputs.get(String(id)) ?? [],
  };
}
