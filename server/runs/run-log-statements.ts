/** What events change in the database. A run's row is what its events say, so that lists need not read them. */
import type { InStatement } from "@libsql/client/sqlite3";
import type { Lifecycle, Logged, RunState } from "../protocol.ts";

/** SQLite takes so many rows in one statement, and more would gain nothing. */
const rowsAtOnce = 100;

/** The statements of one transaction. `last`: of each run, the number of its last event. */
export function statements(logged: readonly Logged[], last: ReadonlyMap<string, number>): InStatement[] {
  return [
    ...inserts(
      "INSERT INTO events",
      logged.map(({ run, seq, at, ...event }) => [run, seq, at, JSON.stringify(event)]),
    ),
    ...inserts(
      "INSERT OR REPLACE INTO outputs",
      logged.flatMap((event) => (event.type === "output" ? [outputRow(event)] : [])),
    ),
    ...[...last].map(([run, seq]) => ({ sql: "UPDATE runs SET seq = ? WHERE id = ?", args: [seq, run] })),
    ...lastOfNodes(logged),
    ...logged.flatMap(({ run, at, ...event }) => (event.type === "run" ? [stateChange(run, at, event)] : [])),
  ];
}

type Values = readonly (string | number)[];

function inserts(into: string, rows: readonly Values[]): InStatement[] {
  const all: InStatement[] = [];
  for (let i = 0; i < rows.length; i += rowsAtOnce) {
    const some = rows.slice(i, i + rowsAtOnce);
    const values = some.map((row) => `(${row.map(() => "?").join(", ")})`);
    all.push({ sql: `${into} VALUES ${values.join(", ")}`, args: some.flat() });
  }
  return all;
}

const outputRow = ({ run, seq, path, name, mime, sha256 }: Extract<Logged, { type: "output" }>): Values => [
  run,
  seq,
  path,
  name,
  mime,
  sha256,
];

/** Of many steps of a loop only the last changes what is known of it. */
function lastOfNodes(logged: readonly Logged[]): InStatement[] {
  const last = new Map<string, Logged & { readonly path: string }>();
  for (const event of logged)
    if (event.type === "node" || event.type === "step" || event.type === "numbers")
      last.set(`${event.run} ${event.type} ${event.path}`, event);
  return [...last.values()].map(({ run, seq, at, ...event }) => ({
    sql: `INSERT INTO nodes (run, path, type, first, event) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT (run, path, type) DO UPDATE SET event = excluded.event`,
    args: [run, event.path, event.type, seq, JSON.stringify(event)],
  }));
}

function stateChange(run: string, at: string, { state, ms, failure }: Lifecycle): InStatement {
  const column: Partial<Record<RunState, string>> = { running: ", started = ?", queued: "", cancelling: "" };
  const time = column[state] ?? ", ended = ?";
  return {
    sql: `UPDATE runs SET state = ?, ms = ?, failure = ?${time} WHERE id = ?`,
    args: [state, ms ?? null, failure ? JSON.stringify(failure) : null, ...(time === "" ? [] : [at]), run],
  };
}
