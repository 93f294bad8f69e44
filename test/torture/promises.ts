/** What a server promises of runs, checked in its data folder when it is gone: nothing of the server is trusted here. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createClient } from "@libsql/client/sqlite3";
import { endStates, type LogEvent, type RunState } from "../../server/protocol.ts";

/**
 * A sentence for each promise that is broken. P1: every acknowledged run is known. P2: it has exactly one end, and its
 * events are numbered without a gap. P3: what it lists exists and is what it was. Of a run that was removed nothing is left. And the database is sound, and nothing
 * unfinished lies about.
 */
export async function brokenPromises(data: string, acknowledged: readonly string[]): Promise<string[]> {
  const database = createClient({ url: pathToFileURL(join(data, "runs.db")).href });
  try {
    const [check] = (await database.execute("PRAGMA integrity_check")).rows;
    const states = new Map(
      (await database.execute("SELECT id, state FROM runs")).rows.map(({ id, state }) => [String(id), String(state)]),
    );
    const events = (await database.execute("SELECT run, seq, event FROM events ORDER BY run, seq")).rows;
    const outputs = (
      await database.execute("SELECT run, name, sha256, removed FROM outputs JOIN runs ON runs.id = outputs.run")
    ).rows;
    const left = (
      await database.execute(
        `SELECT run FROM leaving UNION SELECT run FROM events WHERE run NOT IN (SELECT id FROM runs)
         UNION SELECT run FROM nodes WHERE run NOT IN (SELECT id FROM runs)
         UNION SELECT run FROM outputs WHERE run NOT IN (SELECT id FROM runs)`,
      )
    ).rows;
    return [
      ...(check[0] === "ok" ? [] : [`The database is damaged: ${check[0]}`]),
      ...left.map(({ run }) => `Run ${run} was removed, and something of it is left in the history`),
      ...folders(join(data, "runs"))
        .filter((id) => !states.has(id))
        .map((id) => `Run ${id} is not known, and its files are left`),
      ...acknowledged.filter((id) => !states.has(id)).map((id) => `Run ${id} was acknowledged and is forgotten`),
      ...[...states].flatMap(([id, state]) =>
        wrongIn(
          id,
          state,
          events.filter(({ run }) => run === id).map(({ seq, event }) => [Number(seq), JSON.parse(String(event))]),
        ),
      ),
      ...outputs.flatMap(({ run, name, sha256, removed }) =>
        wrongFile(join(data, removed === null ? "runs" : "trash", String(run)), String(name), String(sha256)),
      ),
      ...files(data)
        .filter((name) => name.endsWith(".tmp"))
        .map((name) => `${name} was left unfinished`),
    ];
  } finally {
    database.close();
  }
}

function wrongIn(id: string, state: string, events: readonly (readonly [number, LogEvent])[]): string[] {
  const wrong: string[] = [];
  const ends = events.flatMap(([, event]) => (event.type === "run" && endStates.has(event.state) ? [event.state] : []));
  if (!endStates.has(state as RunState)) wrong.push(`Run ${id} is ${state} and has not ended`);
  else if (ends.length !== 1 || ends[0] !== state) wrong.push(`Run ${id} is ${state}; its ends are ${ends.join(", ")}`);
  if (events.some(([seq], i) => seq !== i + 1)) wrong.push(`Events of run ${id} are not numbered one after the other`);
  return wrong;
}

function wrongFile(folder: string, name: string, sha256: string): string[] {
  const path = join(folder, "outputs", name);
  if (!existsSync(path)) return [`${path} is listed and is not there`];
  const actual = createHash("sha256").update(readFileSync(path)).digest("hex");
  return actual === sha256 ? [] : [`${path} is not what it was`];
}

const folders = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
const files = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: "utf8" });
