/** What summaries tell of the files that runs made: of each run the last ones, and how many it has where these are not all. */
import { setImmediate as turn } from "node:timers/promises";
import { maxOutputsTold, type RunSummary } from "../protocol.ts";
import type { Database } from "./database.ts";

export type Told = Pick<RunSummary, "outputs" | "outputCount">;

/** The files of so many runs may be thousands; then others get their turn. */
const runsAtOnce = 20;

/** By the ids of runs, in the order in which the files came. A run that has none is not in it. */
export async function outputsOf(database: Database, runs: readonly string[]): Promise<ReadonlyMap<string, Told>> {
  const told = new Map<string, Told>();
  for (let i = 0; i < runs.length; i += runsAtOnce) {
    if (i > 0) await turn();
    const some = runs.slice(i, i + runsAtOnce);
    const lists = await listsOf(database, some);
    const counts = await countsOf(
      database,
      some.filter((run) => lists.get(run)?.length === maxOutputsTold),
    );
    for (const [run, outputs] of lists) {
      const count = counts.get(run) ?? 0;
      told.set(run, { outputs, ...(count > outputs.length && { outputCount: count }) });
    }
  }
  return told;
}

async function listsOf(database: Database, runs: readonly string[]): Promise<Map<string, RunSummary["outputs"]>> {
  const rows = await database.all(
    `WITH asked (run) AS (SELECT value FROM json_each(?))
     SELECT run, path, name, mime, sha256 FROM asked JOIN outputs USING (run)
     WHERE seq > coalesce((SELECT seq FROM outputs WHERE run = asked.run ORDER BY seq DESC LIMIT 1 OFFSET ?), 0)
     ORDER BY run, seq`,
    [JSON.stringify(runs), maxOutputsTold],
  );
  const lists = new Map<string, RunSummary["outputs"]>();
  for (const { run, path, name, mime, sha256 } of rows) {
    const list = lists.get(String(run)) ?? [];
    list.push({ path: String(path), name: String(name), mime: String(mime), sha256: String(sha256) });
    lists.set(String(run), list);
  }
  return lists;
}

async function countsOf(database: Database, runs: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (runs.length === 0) return new Map();
  const rows = await database.all(
    "SELECT run, count(*) AS total FROM outputs WHERE run IN (SELECT value FROM json_each(?)) GROUP BY run",
    [JSON.stringify(runs)],
  );
  return new Map(rows.map(({ run, total }) => [String(run), Number(total)]));
}
