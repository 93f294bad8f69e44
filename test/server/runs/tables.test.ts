import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createClient } from "@libsql/client";
import { expect, test } from "vitest";
import { Database } from "../../../server/runs/database.ts";
import { RunHistory } from "../../../server/runs/history.ts";
import { RunLog } from "../../../server/runs/run-log.ts";
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

test("a history of version 1 is taken over whole, once", async () => {
  const folder = await historyOf(fixture(1));
  for (const time of ["upgraded", "opened again"]) {
    const database = await Database.open(folder);
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
        { path: "2", state: "running" },
      ],
    });
    expect(await history.withKey("k")).toEqual({ id: "done", request: "hash" });
    expect((await history.inStates(["queued"])).map(({ id }) => id)).toEqual(["waits-first", "waits"]);
    expect(await history.job("waits-first")).toMatchObject({ graph: "{}", options: { first: true } });
    expect((await log.read("done", 0, 100)).length).toBe(8);
    await database.close();
  }
});

test("an upgrade that cannot be done leaves the history as it was", async () => {
  const folder = await historyOf(`${fixture(1)} UPDATE runs SET options = '{}' WHERE id = 'waits';`);
  await expect(Database.open(folder)).rejects.toThrow();
  const client = createClient({ url: pathToFileURL(join(folder, "runs.db")).href });
  expect((await client.execute("SELECT count(*) FROM runs WHERE graph IS NOT NULL")).rows[0][0]).toBe(3);
  expect((await client.execute("PRAGMA user_version")).rows[0][0]).toBe(1);
  client.close();
});
