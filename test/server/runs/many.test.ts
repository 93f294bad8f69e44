import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { maxOutputsTold } from "../../../server/protocol.ts";
import { Database } from "../../../server/runs/database.ts";
import { RunHistory, rowsOf } from "../../../server/runs/history.ts";
import { logPages } from "../../../server/runs/log-pages.ts";
import { type QueueOptions, RunQueue } from "../../../server/runs/queue.ts";
import { RunLog } from "../../../server/runs/run-log.ts";
import { temporaryFolder } from "../../support/cli.ts";

/** Runs of many outputs and many events: what they cost others. */
let database: Database;
let log: RunLog;
let history: RunHistory;
beforeEach(async () => {
  database = await Database.open(temporaryFolder());
  [log, history] = [new RunLog(database), new RunHistory(database)];
  const options = { batches: 1, set: {}, watch: [], first: false };
  await database.write(rowsOf({ id: "a", key: undefined, request: "", title: "a", graph: "{}", options }));
  log.open("a", 0);
});
afterEach(() => database.close());

/** How often something else got its turn meanwhile, and the longest that it had to wait. */
async function turnsDuring(act: () => Promise<unknown>): Promise<{ turns: number; longest: number; ms: number }> {
  let [turns, longest, isOver] = [0, 0, false];
  const started = performance.now();
  let last = started;
  const turn = () => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
    turns++;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  await act();
  isOver = true;
  const figures = { turns, longest: Math.round(longest), ms: Math.round(performance.now() - started) };
  console.info(JSON.stringify(figures));
  return figures;
}

test("ten thousand outputs are kept in pieces, and a summary tells the last of them", async () => {
  const count = 10_000;
  const { turns } = await turnsDuring(() =>
    Promise.all(
      Array.from({ length: count }, (_, i) =>
        log.append("a", { type: "output", path: "2", name: `p-${i}.png`, mime: "image/png", sha256: "0".repeat(64) }),
      ),
    ),
  );
  expect(turns).toBeGreaterThanOrEqual(count / 500);
  const { ms } = await turnsDuring(async () => {
    const [listed] = await history.list({ limit: 100 });
    expect(listed.outputs.length).toBe(maxOutputsTold);
    expect([listed.outputs[0].name, listed.outputs.at(-1)?.name]).toEqual(["p-9800.png", "p-9999.png"]);
    expect(listed.outputCount).toBe(count);
    expect(await history.summary("a")).toEqual(listed);
  });
  expect(ms).toBeLessThan(1_000);
}, 60_000);

test("a long log is read in turns with all else, and what is known of its nodes is not looked for in it", async () => {
  const count = 100_000;
  const step = `json_object('type', 'step', 'path', '1', 'index', i - 1, 'count', ${count}, 'ms', 1)`;
  await database.write([
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
     INSERT INTO events SELECT 'a', i, '2026-01-01T00:00:00.000Z', ${step} FROM n`,
  ]);
  log.open("a", count);
  await log.append("a", { type: "step", path: "1", index: 9, count: 10, ms: 1 });
  const stop = new AbortController();
  let read = 0;
  const { turns } = await turnsDuring(async () => {
    for await (const page of logPages(new RunLog(database), "a", 1, stop.signal)) {
      read += page.length;
      if (page.length === 0) stop.abort();
    }
  });
  expect(read).toBe(count);
  expect(turns).toBeGreaterThanOrEqual(count / 500);
  const { ms } = await turnsDuring(async () =>
    expect((await history.detail("a"))?.nodes).toEqual([
      { path: "1", state: "running", step: { index: 9, count: 10 } },
    ]),
  );
  expect(ms).toBeLessThan(1_000);
}, 60_000);

test("many who read logs at once, or wait for the next event, leave turns to all else", async () => {
  const readers = 100;
  for (let i = 0; i < 10; i++) await log.append("a", { type: "step", path: "1", index: i, count: 10, ms: 1 });
  // Another log of the same history has kept nothing in memory.
  const other = new RunLog(database);
  const all = Array.from({ length: readers });
  const paged = await turnsDuring(() => Promise.all(all.map(() => other.read("a", 0, 5))));
  expect(paged.turns).toBeGreaterThanOrEqual(readers - 1);
  const looked = await turnsDuring(() => Promise.all(all.map(() => other.has("a"))));
  expect(looked.turns).toBeGreaterThanOrEqual(readers - 1);

  let woken = 0;
  const waiting = Promise.all(all.map(() => log.grown("a", 10, new AbortController().signal).then(() => woken++)));
  const told: number[] = [];
  log.lifecycle.subscribe(() => {
    const look = () => {
      told.push(woken);
      if (woken < readers) setImmediate(look);
    };
    look();
  });
  await log.append("a", { type: "run", state: "succeeded", ms: 1 });
  await waiting;
  // Twenty, or forty where the look comes behind two groups.
  expect(Math.max(...told.map((count, i) => count - (told[i - 1] ?? 0)))).toBeLessThanOrEqual(40);
});

test("of very many that are cancelled some end at a time, and what others write meanwhile comes in between", async () => {
  const [count, atOnce] = [450, 100];
  await database.write([
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
     INSERT INTO runs (id, request, title, batches, first, state, seq, created)
     SELECT 'waits-' || i, '', '', 1, 0, 'queued', 0, '2026-01-01T00:00:00.000Z' FROM n`,
    "UPDATE runs SET state = 'succeeded' WHERE id = 'a'",
  ]);
  const folder = temporaryFolder();
  const devices = { usable: [{}], free: [], whenFree() {} };
  const data = { outputs: (id: string) => join(folder, id) };
  const queue = new RunQueue({ history, log, data, devices } as unknown as QueueOptions);
  await queue.resume();
  expect(queue.waiting).toBe(count);
  const ended = () => database.all("SELECT count(*) AS ended FROM runs WHERE state = 'cancelled'");
  const write = vi.spyOn(database, "write");
  let isOver = false;
  const cancelled = queue.cancelAll().then(() => (isOver = true));
  expect(queue.waiting).toBe(0);
  await expect.poll(() => write.mock.calls.length, { interval: 1 }).toBeGreaterThan(0);
  await log.append("a", { type: "step", path: "1", index: 0, count: 10, ms: 1 });
  expect(isOver).toBe(false);
  await cancelled;
  expect(await ended()).toMatchObject([{ ended: count }]);
  const rows = write.mock.calls.map(
    ([statements]) => statements.filter((one) => typeof one === "object" && /SET state/.test(one.sql)).length,
  );
  expect(Math.max(...rows)).toBe(atOnce);
  expect(rows.reduce((sum, of) => sum + of)).toBe(count);
});

test("what a run was told last is there for whoever follows it, and then in the history alone", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  await log.append("a", { type: "run", state: "succeeded", ms: 1 });
  expect(await log.has("a")).toBe(true);
  expect(await log.has("b")).toBe(false);
  await database.write(["DELETE FROM events"]);
  expect((await log.read("a", 0, 10)).map(({ seq }) => seq)).toEqual([1]);
  vi.advanceTimersByTime(60_000);
  vi.useRealTimers();
  expect(await log.read("a", 0, 10)).toEqual([]);
});
