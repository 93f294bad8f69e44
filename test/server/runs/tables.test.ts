import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createClient } from "@libsql/client/sqlite3";
import { expect, test } from "vitest";
import { Database } from "../../../server/runs/database.ts";
import { RunHistory, rowsOf } from "../../../server/runs/history.ts";
import { RunLog } from "../../../server/runs/run-log.ts";
import { version } from "../../../server/runs/tables.ts";
import { temporaryFolder } from "../../support/cli.ts";

/** A history as an earlier version left it. */
const fixture = (version: number) =>
  readFileSync(fileURLToPath(new URL(`../../fixtures/history/version-${version}.sql`, import.meta.url)), "utf8");

async function historyOf(sql: string): Promise<string> {
  const folder = temporaryFolder();
  const client = createClient({ url: pathToFileURL(join(folder, "runs.db")).href });
  await client.executeMultiple(sql);
  client.close();
  return folder;
}

/** What an upgrade says and leaves: a copy that is of the old version still. */
async function expectCopy(folder: string, said: readonly string[], of: number): Promise<void> {
  const copy = join(folder, "backups", `runs-version-${of}.db`);
  expect(said).toEqual([
    `The run history is of version ${version} now, it was of ${of}; as it was it is kept in ${copy}`,
  ]);
  const client = createClient({ url: pathToFileURL(copy).href });
  expect((await client.execute("PRAGMA user_version")).rows[0][0]).toBe(of);
  expect((await client.execute("PRAGMA integrity_check")).rows[0][0]).toBe("ok");
  client.close();
}

test("a history of version 1 is taken over whole, once", async () => {
  const folder = await historyOf(fixture(1));
  const said: string[] = [];
  for (const time of ["upgraded", "opened again"]) {
    const database = await Database.open(folder, (line) => said.push(line));
    await expectCopy(folder, said, 1);
    const [history, log] = [new RunHistory(database), new RunLog(database)];
    expect(
      (await history.list({ limit: 10 })).map(({ id, title, batches }) => [id, title, batches]),
      time,
    ).toEqual([
      ["waits-first", "Second", 1],
      ["waits", "Second", 2],
      ["done", "First", 3],
    ]);
    expect(await history.detail("done")).toMatchObject({
      number: 1,
      state: "succeeded",
      ms: 12.5,
      seq: 8,
      graph: { nodes: [], links: [] },
      set: { "Start.value": 4 },
      outputs: [{ path: "2", name: "a-0000.png", mime: "image/png", sha256: "00" }],
      nodes: [
        { path: "1", state: "done", ms: 3, step: { index: 1, count: 2 } },
        { path: "2", state: "stopped" },
      ],
    });
    expect(await history.withKey("k")).toEqual({ id: "done", request: "hash" });
    expect((await history.inStates(["queued"])).map(({ id }) => id)).toEqual(["waits-first", "waits"]);
    expect(await history.job("waits-first")).toMatchObject({ graph: "{}", options: { first: true } });
    expect((await log.read("done", 0, 100)).length).toBe(8);
    await database.close();
  }
});

test("a history of version 2, as a server left it, is taken over whole", async () => {
  const folder = await historyOf(fixture(2));
  const said: string[] = [];
  const database = await Database.open(folder, (line) => said.push(line));
  await expectCopy(folder, said, 2);
  const [history, log] = [new RunHistory(database), new RunLog(database)];
  const runs = await history.list({ limit: 10 });
  expect(runs.map(({ number, state, seq, outputs }) => [number, state, seq, outputs.length])).toEqual([
    [4, "queued", 1, 0],
    [3, "queued", 1, 0],
    [2, "running", 6, 0],
    [1, "succeeded", 10, 1],
  ]);
  const done = await history.detail(runs[3].id);
  expect(done).toMatchObject({ title: "Noise", outputs: [{ name: "noise-0000.png" }], nodes: [{}, {}, {}] });
  expect((await history.withKey("a key"))?.id).toBe(runs[3].id);
  expect((await log.read(runs[3].id, 0, 100)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect((await history.inStates(["queued"])).map(({ id }) => id)).toEqual([runs[1].id, runs[0].id]);
  await log.begin("next", rowsOf({ ...newRun, id: "next" }));
  expect((await history.summary("next"))?.number).toBe(5);
  await database.close();
});

test("a history of version 3 is taken over whole; each run knows the document that its graph says", async () => {
  const folder = await historyOf(fixture(3));
  const said: string[] = [];
  const database = await Database.open(folder, (line) => said.push(line));
  await expectCopy(folder, said, 3);
  const history = new RunHistory(database);
  const runs = await history.list({ limit: 10 });
  expect(runs.map(({ number, state, by, document, pinned }) => [number, state, by, document, pinned])).toEqual([
    [5, "queued", undefined, "document-of-noise", undefined],
    [4, "queued", "ann", "document-of-noise", undefined],
    [3, "queued", "ann", "document-of-noise", undefined],
    [2, "running", undefined, "another", undefined],
    [1, "succeeded", "ann", "document-of-noise", true],
  ]);
  const waiting = async () =>
    (await history.inStates(["queued"])).map(({ id }) => runs.find((run) => run.id === id)?.number);
  expect(await waiting()).toEqual([4, 3, 5]);
  await history.keepOrder([runs[2].id, runs[1].id]);
  expect(await waiting()).toEqual([3, 4, 5]);
  await database.close();
});

test("each older version has a fixture, and comes to the tables of a new history", async () => {
  const shapeOf = async (folder: string) => {
    const database = await Database.open(folder);
    const rows = await database.all("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name");
    await database.close();
    return rows.map((row) => Object.values(row).join(" ").replaceAll("IF NOT EXISTS ", ""));
  };
  const present = await shapeOf(temporaryFolder());
  for (let old = 1; old < version; old++)
    expect((await shapeOf(await historyOf(fixture(old)))).map(plain), `version ${old}`).toEqual(present.map(plain));
});

/** Without what a fixture was written down in: blanks, quotes. */
const plain = (sql: string) => sql.replace(/\s+/g, " ").replaceAll('"', "");

const newRun = {
  key: undefined,
  request: "",
  title: "",
  graph: "{}",
  options: { batches: 1, set: {}, watch: [], first: false },
};

test("an upgrade that cannot be done leaves the history as it was", async () => {
  const folder = await historyOf(`${fixture(1)} UPDATE runs SET options = '{}' WHERE id = 'waits';`);
  await expect(Database.open(folder)).rejects.toThrow();
  const client = createClient({ url: pathToFileURL(join(folder, "runs.db")).href });
  expect((await client.execute("SELECT count(*) FROM runs WHERE graph IS NOT NULL")).rows[0][0]).toBe(3);
  expect((await client.execute("PRAGMA user_version")).rows[0][0]).toBe(1);
  client.close();
});
