/** What events change in the database. A run's row is what its events say, so that lists need not read them. */
import type { InStatement } from "@libsql/client";
import type { Lifecycle, Logged, RunState } from "../protocol.ts";

/** SQLite takes so many rows in one statement, and more would gain nothing. */
const rowsAtOnce = 100;

/** The statements of one transaction. `last`: of each run, the number of its last event. */
export function statements(logged: readonly Logged[], last: ReadonlyMap<string, number>): InStatement[] {
  return [
    ...inserts(logged),
    ...[...last].map(([run, seq]) => ({ sql: "UPDATE runs SET seq = ? WHERE id = ?", args: [seq, run] })),
    ...logged.flatMap(changes),
  ];
}

function inserts(logged: readonly Logged[]): InStatement[] {
  const all: InStatement[] = [];
  for (let i = 0; i < logged.length; i += rowsAtOnce) {
    const some = logged.slice(i, i + rowsAtOnce);
    all.push({
      sql: `INSERT INTO events VALUES ${some.map(() => "(?, ?, ?, ?)").join(", ")}`,
      args: some.flatMap(({ run, seq, at, ...event }) => [run, seq, at, JSON.stringify(event)]),
    });
  }
  return all;
}

function changes(logged: Logged): InStatement[] {
  const { run, seq, at } = logged;
  if (logged.type === "run") return [stateChange(run, at, logged)];
  if (logged.type !== "output") return [];
  const { path, name, mime, sha256 } = logged;
  return [
    { sql: "INSERT OR REPLACE INTO outputs VALUES (?, ?, ?, ?, ?, ?)", args: [run, seq, path, name, mime, sha256] },
  ];
}

function stateChange(run: string, at: string, { state, ms, failure }: Lifecycle): InStatement {
  const column: Partial<Record<RunState, string>> = { running: ", started = ?", queued: "", cancelling: "" };
  const time = column[state] ?? ", ended = ?";
  return {
    sql: `UPDATE runs SET state = ?, ms = ?, failure = ?${time} WHERE id = ?`,
    args: [state, ms ?? null, failure ? JSON.stringify(failure) : null, ...(time === "" ? [] : [at]), run],
  };
}
