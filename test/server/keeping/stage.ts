/** A history with runs that have ended, and all that keeps them, without a server. */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Subject } from "rxjs";
import { Bin } from "../../../server/keeping/bin.ts";
import { InUse } from "../../../server/keeping/in-use.ts";
import { KeptRuns } from "../../../server/keeping/kept-runs.ts";
import { Retention, type Rules } from "../../../server/keeping/retention.ts";
import { Upkeep } from "../../../server/keeping/upkeep.ts";
import type { RunSummary } from "../../../server/protocol.ts";
import { Database } from "../../../server/runs/database.ts";
import { RunHistory, rowsOf } from "../../../server/runs/history.ts";
import { RunLog } from "../../../server/runs/run-log.ts";
import { temporaryFolder } from "../../support/cli.ts";

export const minute = 60_000;
/** When everything happens that says nothing else. */
export const noon = Date.UTC(2026, 0, 10, 12);

export async function stage({ rules = {}, path = temporaryFolder() }: { rules?: Rules; path?: string } = {}) {
  const database = await Database.open(path);
  const [history, log, kept, inUse] = [
    new RunHistory(database),
    new RunLog(database),
    new KeptRuns(database),
    new InUse(),
  ];
  const data = { run: (id: string) => join(path, "runs", id), trash: (id: string) => join(path, "trash", id) };
  const clock = { now: noon };
  const said: string[] = [];
  const changed = new Subject<string>();
  const ending = new AbortController();
  const shared = {
    kept,
    data,
    untouched: async () => {},
    changed: (id: string) => changed.next(id),
    ending: ending.signal,
    say: (line: string) => void said.push(line),
    now: () => clock.now,
  };
  const bin = new Bin({ ...shared, log });
  const retention = new Retention({ ...shared, bin, inUse, rules });
  const upkeep = new Upkeep({ ...shared, bin, retention, lifecycle: log.lifecycle });

  /** A run that has ended at that time, with one file of so many bytes and so many events beside. */
  async function ended(id: string, { at = noon, bytes = 100, events = 0, weighed = true } = {}): Promise<void> {
    await log.begin(id, rowsOf({ id, key: undefined, request: "", title: id, graph: "{}", options }));
    mkdirSync(join(data.run(id), "outputs"), { recursive: true });
    const content = id.repeat(bytes).slice(0, bytes);
    writeFileSync(join(data.run(id), "outputs", "a.png"), content);
    const sha256 = createHash("sha256").update(content).digest("hex");
    await log.append(id, { type: "output", path: "1", name: "a.png", mime: "image/png", sha256 });
    for (let i = 0; i < events; i++) void log.append(id, { type: "step", path: "1", index: i, count: events, ms: 1 });
    await log.append(id, { type: "run", state: "succeeded", ms: 1 });
    await database.write([{ sql: "UPDATE runs SET ended = ? WHERE id = ?", args: [new Date(at).toISOString(), id] }]);
    if (weighed) await kept.setWeights(new Map([[id, bytes]]));
  }
  const summary = async (id: string) => (await history.summary(id)) as RunSummary;
  const listed = async () => (await history.list({ limit: 500 })).map(({ id }) => id).reverse();
  /** Rows of any table that are of no listed run, and not of one in the trash. */
  const leftovers = async () =>
    (
      await database.all(
        `SELECT run FROM events WHERE run NOT IN (SELECT id FROM runs) UNION
         SELECT run FROM nodes WHERE run NOT IN (SELECT id FROM runs) UNION
         SELECT run FROM outputs WHERE run NOT IN (SELECT id FROM runs) UNION SELECT run FROM leaving`,
      )
    ).map(({ run }) => run);
  const close = async () => {
    ending.abort();
    await upkeep.settled();
    await database.close();
  };
  return {
    path,
    database,
    history,
    log,
    kept,
    inUse,
    data,
    clock,
    said,
    changed,
    ending,
    bin,
    retention,
    upkeep,
    ended,
    summary,
    listed,
    leftovers,
    close,
  };
}

const options = { batches: 1, set: {}, watch: [], first: false };
