import { Observable } from "rxjs";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Database } from "../../../server/runs/database.ts";
import { RunHistory, rowsOf } from "../../../server/runs/history.ts";
import { recorded } from "../../../server/runs/recorded.ts";
import { RunLog } from "../../../server/runs/run-log.ts";
import { version } from "../../../server/runs/tables.ts";
import { temporaryFolder } from "../../support/cli.ts";

let folder: string;
let database: Database;
let log: RunLog;
beforeEach(async () => {
  folder = temporaryFolder();
  database = await Database.open(folder);
  log = new RunLog(database);
});
afterEach(() => database.close());

const options = { batches: 1, set: {}, watch: [], first: false };
const newRun = (id: string) =>
  database
    .write(rowsOf({ id, key: undefined, request: "", title: id, graph: "{}", options }))
    .then(() => log.open(id, 0));
const step = (index: number) => ({ type: "step" as const, path: "1", index, count: 9_999, ms: 1 });

test("events are numbered from 1 in the order in which they are given, run by run", async () => {
  await newRun("a");
  await newRun("b");
  const logged = await Promise.all([log.append("a", step(0)), log.append("b", step(0)), log.append("a", step(1))]);
  expect(logged.map(({ run, seq }) => [run, seq])).toEqual([
    ["a", 1],
    ["b", 1],
    ["a", 2],
  ]);
  expect(await log.read("a", 0, 10)).toEqual([logged[0], logged[2]]);
});

test("a reader gets the same from memory, from the database, and from another server after this one", async () => {
  await newRun("a");
  for (let i = 0; i < 30; i++)
    await Promise.all(Array.from({ length: 50 }, (_, j) => log.append("a", step(50 * i + j))));
  const inMemory = await log.read("a", 1_200, 500);
  const all = await log.read("a", 0, 10_000);
  expect(all.map(({ seq }) => seq)).toEqual(Array.from({ length: 1_500 }, (_, i) => i + 1));
  expect(inMemory).toEqual(all.slice(1_200));
  const later = new RunLog(database);
  later.open("a", 1_500);
  expect(await later.read("a", 1_200, 500)).toEqual(inMemory);
  expect((await later.append("a", step(0))).seq).toBe(1_501);
});

test("what many ask for together is read once, and never as it was before", async () => {
  await newRun("a");
  for (let i = 0; i < 10; i++) await log.append("a", step(i));
  const later = new RunLog(database);
  later.open("a", 10);
  const asked = vi.spyOn(database, "all");
  const pages = await Promise.all(Array.from({ length: 100 }, () => later.read("a", 4, 500)));
  expect(asked).toHaveBeenCalledTimes(1);
  expect(new Set(pages).size).toBe(1);
  expect(pages[0].map(({ seq }) => seq)).toEqual([5, 6, 7, 8, 9, 10]);
  await later.append("a", step(10));
  expect((await later.read("a", 4, 500)).map(({ seq }) => seq)).toEqual([5, 6, 7, 8, 9, 10, 11]);
});

test("a run that is put away is found no more, and one that has not ended without asking", async () => {
  await newRun("a");
  await log.append("a", { type: "run", state: "running" });
  const asked = vi.spyOn(database, "all");
  expect(await log.has("a")).toBe(true);
  expect(asked).not.toHaveBeenCalled();
  await log.append("a", { type: "run", state: "succeeded", ms: 1 });
  expect(await log.has("a")).toBe(true);
  await database.write(["UPDATE runs SET removed = '2026-01-01T00:00:00.000Z' WHERE id = 'a'"]);
  expect(await log.has("a")).toBe(false);
});

test("who waits for more is woken by it, at once when it is there, and by going away", async () => {
  await newRun("a");
  const { signal } = new AbortController();
  const waiting = log.grown("a", 0, signal);
  await log.append("a", step(0));
  await waiting;
  await log.grown("a", 0, signal);
  const leaving = new AbortController();
  const gone = log.grown("a", 1, leaving.signal);
  leaving.abort();
  await gone;
});

test("what cannot be written is told to whoever logged it and leaves no gap; when there is space again it goes on", async () => {
  await newRun("a");
  await log.append("a", step(0));
  const [{ page_count: pages }] = await database.all("PRAGMA page_count");
  await database.all(`PRAGMA max_page_count = ${Number(pages) + 2}`);
  const large = { type: "node" as const, path: "1", state: "failed" as const, message: "x".repeat(100_000) };
  await expect(log.append("a", large)).rejects.toMatchObject({ code: "SQLITE_FULL" });
  await database.all("PRAGMA max_page_count = 1000000");
  expect((await log.append("a", step(1))).seq).toBe(2);
  expect((await log.read("a", 0, 10)).map(({ seq }) => seq)).toEqual([1, 2]);
});

test("a run's row is what its events say", async () => {
  await newRun("a");
  const history = new RunHistory(database);
  await log.append("a", { type: "run", state: "queued" });
  await log.append("a", { type: "run", state: "running" });
  await log.append("a", { type: "output", path: "3", name: "x.png", mime: "image/png", sha256: "00" });
  const failure = { code: "GRAPH" as const, message: "m", node: "3" };
  await log.append("a", { type: "run", state: "failed", ms: 5, failure });
  expect(await history.summary("a")).toMatchObject({
    number: 1,
    state: "failed",
    seq: 4,
    ms: 5,
    failure,
    outputs: [{ path: "3", name: "x.png", mime: "image/png", sha256: "00" }],
  });
  expect(await history.inStates(["queued", "running"])).toEqual([]);
});

test("a database of a newer version is refused, naming both", async () => {
  await database.all("PRAGMA user_version = 99");
  await expect(Database.open(folder)).rejects.toThrow(`version 99, this program knows ${version}:`);
});

test("a run is there with its first event, or not at all", async () => {
  const rows = rowsOf({ id: "a", key: "k", request: "", title: "a", graph: "{}", options });
  expect(await log.begin("a", rows)).toMatchObject({ run: "a", seq: 1, type: "run", state: "queued" });
  const history = new RunHistory(database);
  expect(await history.summary("a")).toMatchObject({ state: "queued", seq: 1 });
  await expect(
    log.begin("b", rowsOf({ id: "b", key: "k", request: "", title: "b", graph: "{}", options })),
  ).rejects.toThrow();
  expect(await history.summary("b")).toBeUndefined();
  expect(await log.read("b", 0, 10)).toEqual([]);
});

test("what others act upon takes along what waits, and does not wait itself", async () => {
  await newRun("a");
  const order: string[] = [];
  await Promise.all([
    log.append("a", step(0)).then(() => order.push("step")),
    log.append("a", { type: "run", state: "succeeded", ms: 1 }).then(() => order.push("succeeded")),
  ]);
  expect(order).toEqual(["step", "succeeded"]);
});

test("a clock that jumps changes neither order nor durations", async () => {
  const hour = 3_600_000;
  const now = Date.now();
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    for (const [id, jump] of [
      ["a", 0],
      ["b", hour],
      ["c", -hour],
      ["d", 87_660 * hour],
    ] as const) {
      vi.setSystemTime(now + jump);
      await newRun(id);
      const steps = new Observable<ReturnType<typeof step>>((subscriber) => {
        subscriber.next(step(0));
        vi.setSystemTime(now - jump);
        subscriber.next(step(1));
        subscriber.complete();
      });
      await new Promise<void>((resolve, reject) =>
        recorded(id, steps, log).subscribe({ error: reject, complete: resolve }),
      );
    }
  } finally {
    vi.useRealTimers();
  }
  const runs = await new RunHistory(database).list({ limit: 10 });
  expect(runs.map(({ id, state }) => `${id} ${state}`)).toEqual(["d", "c", "b", "a"].map((id) => `${id} succeeded`));
  for (const { id, ms } of runs) {
    expect(ms).toBeGreaterThanOrEqual(0);
    expect(ms).toBeLessThan(60_000);
    expect((await log.read(id, 0, 10)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  }
});

test("a row that is damaged is told as such, and hides no other", async () => {
  for (const id of ["a", "b", "c"]) await newRun(id);
  await database.write([
    "UPDATE runs SET state = 'no state' WHERE id = 'a'",
    "UPDATE runs SET state = 'failed', failure = '{' WHERE id = 'b'",
  ]);
  const runs = await new RunHistory(database).list({ limit: 10 });
  expect(runs.map(({ id, state, failure }) => [id, state, failure?.message])).toEqual([
    ["c", "queued", undefined],
    ["b", "failed", "Its row in the history is damaged"],
    ["a", "failed", "Its row in the history is damaged"],
  ]);
});

test("runs that begin at once are kept together, and one that cannot be spoils no other", async () => {
  const row = (id: string, key?: string) => rowsOf({ id, key, request: "", title: id, graph: "{}", options });
  await log.begin("first", row("first", "k"));
  const all = await Promise.allSettled([
    log.begin("a", row("a")),
    log.begin("b", row("b", "k")),
    log.append("first", step(0)),
    log.begin("c", row("c")),
  ]);
  expect(all.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  const runs = await new RunHistory(database).list({ limit: 10 });
  expect(runs.map(({ id, seq }) => [id, seq])).toEqual([
    ["c", 1],
    ["a", 1],
    ["first", 2],
  ]);
  expect((await log.append("c", step(0))).seq).toBe(2);
});

test.each(["succeeded", "failed", "cancelled", "interrupted"] as const)(
  "nothing of a run that is %s is running",
  async (state) => {
    await newRun("a");
    await log.append("a", { type: "run", state: "running" });
    await log.append("a", { type: "node", path: "7", state: "running" });
    await log.append("a", step(3));
    await log.append("a", { type: "node", path: "8", state: "done", ms: 1 });
    const history = new RunHistory(database);
    const statesIn = async () => (await history.detail("a"))?.nodes.map(({ path, state }) => [path, state]);
    expect(await statesIn()).toContainEqual(["7", "running"]);
    await log.append("a", { type: "run", state });
    expect(await statesIn()).toEqual(
      expect.arrayContaining([
        ["7", "stopped"],
        ["1", "stopped"],
        ["8", "done"],
      ]),
    );
  },
);
