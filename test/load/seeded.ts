/** A data folder with runs that took longer than anybody would wait for, and with more runs than anybody looks through. */
import { Database } from "../../server/runs/database.ts";
import { rowsOf } from "../../server/runs/history.ts";
import { temporaryFolder } from "../support/cli.ts";

export const [outputs, events, past] = [50_000, 1_000_000, 100_000];

/** Runs `outputs` and `events` as they are left when they have succeeded, after the `past` ones of other days. */
export async function seeded(): Promise<string> {
  const folder = temporaryFolder();
  const database = await Database.open(folder);
  const options = { batches: 1, set: {}, watch: [], first: false };
  const at = "2026-01-01T00:00:00.000Z";
  const sha256 = "0".repeat(64);
  const output = `json_object('type', 'output', 'path', '1', 'name', i || '.png', 'mime', 'image/png', 'sha256', '${sha256}')`;
  const step = `json_object('type', 'step', 'path', '1', 'index', i - 1, 'count', ${events}, 'ms', 0.01)`;
  const upTo = (count: number) => `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;
  await database.write([
    `${upTo(past)} INSERT INTO runs (id, request, title, batches, first, state, seq, created, started, ended, ms)
     SELECT 'past-' || i, '', 'Run ' || i, 1, 0, 'succeeded', 2, '${at}', '${at}', '${at}', 1 FROM n`,
    `INSERT INTO tasks (number, graph, options)
     SELECT number, '{"nodes":[],"links":[]}', '${JSON.stringify(options)}' FROM runs`,
    `${upTo(past)} INSERT INTO events SELECT 'past-' || i, 1, '${at}', '{"type":"run","state":"running"}' FROM n`,
    `${upTo(past)} INSERT INTO events SELECT 'past-' || i, 2, '${at}', '{"type":"run","state":"succeeded","ms":1}' FROM n`,
  ]);
  for (const [id, count, event] of [
    ["outputs", outputs, output],
    ["events", events, step],
  ] as const)
    await database.write([
      ...rowsOf({ id, key: undefined, request: "", title: id, graph: '{"nodes":[],"links":[]}', options }),
      `${upTo(count)} INSERT INTO events SELECT '${id}', i, '${at}', ${event} FROM n`,
      `UPDATE runs SET state = 'succeeded', seq = ${count + 1} WHERE id = '${id}'`,
      `INSERT INTO events VALUES ('${id}', ${count + 1}, '${at}', '{"type":"run","state":"succeeded","ms":1}')`,
    ]);
  await database.write([
    `${upTo(outputs)} INSERT INTO outputs SELECT 'outputs', i, '1', i || '.png', 'image/png', '${sha256}' FROM n`,
  ]);
  await database.close();
  return folder;
}
