/** Each promise that may be broken is broken, in a folder that was sound, and found. */
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createClient } from "@libsql/client/sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Finding } from "../../../server/doctor/finding.ts";
import { folder } from "../../../server/doctor/folder.ts";
import { history } from "../../../server/doctor/history.ts";
import { promised } from "../../../server/doctor/promises.ts";
import { takeDataFolder } from "../../../server/files/data-folder.ts";
import { Database } from "../../../server/runs/database.ts";
import { rowsOf } from "../../../server/runs/history.ts";
import { RunLog } from "../../../server/runs/run-log.ts";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";

const sound = temporaryFolder();
const never = new AbortController().signal;
const content = "a picture";

/** A folder in which run a succeeded with an output, b waits and c was cut short. */
beforeAll(async () => {
  const data = await takeDataFolder(sound);
  const database = await Database.open(sound);
  const log = new RunLog(database);
  const options = { batches: 1, set: {}, watch: [], first: false };
  for (const id of ["a", "b", "c"])
    await log.begin(id, rowsOf({ id, key: undefined, request: "", title: id, graph: "{}", options }));
  for (const id of ["a", "c"]) await log.append(id, { type: "run", state: "running" });
  mkdirSync(data.outputs("a"), { recursive: true });
  writeFileSync(join(data.outputs("a"), "x.png"), content);
  const sha256 = createHash("sha256").update(content).digest("hex");
  await log.append("a", { type: "output", path: "1", name: "x.png", mime: "image/png", sha256 });
  await log.append("a", { type: "run", state: "succeeded", ms: 5 });
  await log.settled();
  await database.close();
  data.release();
});

async function findings(data: string, quick = false): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const part of [folder(data), history({ data, quick, signal: never })])
    for await (const finding of part) found.push(finding);
  return found;
}

const wrongIn = (found: readonly Finding[]): string[] =>
  found.flatMap(({ state, check, message }) =>
    state === "fault" || state === "warning" ? [`${state} ${check}: ${message}`] : [],
  );

/** All files with their content and times. */
const stateOf = (data: string): unknown[] =>
  readdirSync(data, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => join(data, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => [path, statSync(path, { bigint: true }).mtimeNs, readFileSync(path).toString("base64")]);

test("a sound folder is found sound, in every promise, and nothing in it is changed", async () => {
  // What made it may still have its lock, until its memory is tidied.
  const data = temporaryFolder();
  cpSync(sound, data, { recursive: true });
  const before = stateOf(data);
  const found = await findings(data);
  expect(wrongIn(found)).toEqual([]);
  expect(found.filter(({ state }) => state === "ok").map(({ check }) => check)).toEqual([
    "permissions",
    "P7",
    "history",
    ...promised.map(({ promise }) => promise),
    "P3",
  ]);
  expect(found).toContainEqual({ state: "note", check: "runs", message: "Runs: 1 queued, 1 running, 1 succeeded" });
  expect(stateOf(data)).toEqual(before);
});

const sql = (statement: string) => async (data: string) => {
  const client = createClient({ url: pathToFileURL(join(data, "runs.db")).href });
  await client.execute(statement);
  client.close();
};
const at = (...path: string[]) => join("runs", "a", "outputs", ...path);

/** What is done to a sound folder, and all that is found wrong then. */
const breaks: Readonly<Record<string, readonly [(data: string) => unknown, readonly (string | RegExp)[]]>> = {
  "a graph is lost": [sql("DELETE FROM tasks WHERE number = 2"), ["fault P1: Run b has lost what it was to do"]],
  "a run is forgotten": [
    sql("DELETE FROM runs WHERE id = 'a'"),
    [
      "fault P1: Run a has events or outputs, and is forgotten",
      "warning P1: The folder runs/a is of no run in the history",
    ],
  ],
  "a state is none": [
    sql("UPDATE runs SET state = 'lost' WHERE id = 'b'"),
    ['fault P2: Run b is in no known state: "lost"'],
  ],
  "a state is not what the events say": [
    sql("UPDATE runs SET state = 'failed' WHERE id = 'a'"),
    ["fault P2: Run a is failed, and its ends are: succeeded"],
  ],
  "a run has two ends": [
    sql(`INSERT INTO events VALUES ('a', 5, '', '{"type":"run","state":"cancelled"}')`),
    [
      "fault P2: Run a is succeeded, and its ends are: succeeded, cancelled",
      "fault P5: Run a has 5 events, numbered 1 to 5; its row says 4",
    ],
  ],
  "a run has ended at no time": [sql("UPDATE runs SET ended = NULL WHERE id = 'a'"), [/P2: Run a is succeeded/]],
  "an event is lost": [
    sql("DELETE FROM events WHERE run = 'a' AND seq = 2"),
    ["fault P5: Run a has 3 events, numbered 1 to 4; its row says 4"],
  ],
  "all events are lost": [sql("DELETE FROM events WHERE run = 'b'"), ["fault P5: Run b has no events"]],
  "an event cannot be read": [
    sql("UPDATE events SET event = '{' WHERE run = 'a' AND seq = 2"),
    ["fault P5: Event 2 of run a cannot be read"],
  ],
  "an output is not listed": [
    sql("DELETE FROM outputs"),
    ["fault P3: Output x.png of run a is told of in one place and not in the other"],
  ],
  "an output is gone": [
    (data) => rmSync(join(data, at("x.png"))),
    ["fault P3: Output x.png of run a is listed and is not there"],
  ],
  "an output is another": [
    (data) => writeFileSync(join(data, at("x.png")), "a pictura"),
    ["fault P3: Output x.png of run a is not what it was when it was written"],
  ],
  "an output is half written": [
    (data) => writeFileSync(join(data, at(".y.png.1.0.tmp")), ""),
    [`warning P7: ${at(".y.png.1.0.tmp")} was left unfinished`],
  ],
  "the history is torn": [
    (data) => {
      const path = join(data, "runs.db");
      const bytes = readFileSync(path);
      writeFileSync(path, bytes.fill(0xa5, 8_192, bytes.length - 4_096));
    },
    [/^fault history: The history (is damaged|cannot be read)/],
  ],
  "the history is no database": [
    (data) => writeFileSync(join(data, "runs.db"), "x".repeat(10_000)),
    [/^fault history: The history cannot be read/],
  ],
  "the history is of another program": [
    sql("PRAGMA user_version = 99"),
    [/^fault history: The history is of version 99/],
  ],
  "no copy was made for long": [
    (data) => {
      mkdirSync(join(data, "backups"));
      const copy = join(data, "backups", "runs-2020-01-01.db");
      writeFileSync(copy, "");
      utimesSync(copy, 1_577_836_800, 1_577_836_800);
    },
    [/^warning backups: The last copy of the history is .*runs-2020-01-01.db$/],
  ],
  "others may look in": [(data) => chmodSync(data, 0o755), [/^warning permissions: Other users .* can look into/]],
  "others may read the token": [
    (data) => {
      writeFileSync(join(data, "token"), "t");
      chmodSync(join(data, "token"), 0o644);
    },
    ["fault permissions: Other users may read the token"],
  ],
  "a model is held": [
    (data) =>
      writeFileSync(
        join(data, "quarantine.json"),
        JSON.stringify([{ id: "q", models: ["m.onnx"], crashes: 2, reason: "SIGSEGV", since: "" }]),
      ),
    ["warning models: m.onnx ended processes 2 times, and is held (SIGSEGV)"],
  ],
};

test.each(Object.entries(breaks))("%s: it is found, with what to do", async (_what, [act, expected]) => {
  const data = temporaryFolder();
  cpSync(sound, data, { recursive: true });
  await act(data);
  const found = await findings(data);
  const wrong = wrongIn(found);
  for (const [i, line] of expected.entries())
    expect(wrong[i]).toEqual(line instanceof RegExp ? expect.stringMatching(line) : line);
  if (expected.every((line) => typeof line === "string")) expect(wrong).toEqual(expected);
  for (const { state, todo } of found) expect(todo !== undefined).toBe(state === "fault" || state === "warning");
});

test("files are not read when it is to be quick", async () => {
  const data = temporaryFolder();
  cpSync(sound, data, { recursive: true });
  writeFileSync(join(data, at("x.png")), "another");
  expect(wrongIn(await findings(data, true))).toEqual([]);
});

test("of many that are wrong the first are told, and how many there are", async () => {
  const data = temporaryFolder();
  cpSync(sound, data, { recursive: true });
  await sql(
    `INSERT INTO events SELECT 'gone ' || value, 1, '', '{}' FROM json_each('[${Array.from({ length: 50 }, (_, i) => i)}]')`,
  )(data);
  const wrong = wrongIn(await findings(data)).filter((line) => line.startsWith("fault P1"));
  expect([wrong.length, wrong.at(-1)]).toEqual([21, "fault P1: and so it is with 30 more"]);
});

let release = () => {};
afterAll(() => release());

test("a file in place of the folder is a fault, and nothing is advised for it", async () => {
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  const found: Finding[] = [];
  for await (const finding of folder(file)) found.push(finding);
  expect(found).toEqual([
    { state: "fault", check: "folder", message: `${file} is a file`, todo: "give the folder with --data" },
  ]);
});

test("the command tells installation and folder, also of a folder that is in use, and ends with 1 for a fault", async () => {
  const data = temporaryFolder();
  cpSync(sound, data, { recursive: true });
  ({ release } = await takeDataFolder(data));
  const well = await guidegraph(["doctor", "--data", data, "--backend", "cpu"]);
  expect(well.err).toEqual([]);
  expect(well.out.find((line) => /^note +lock/.test(line))).toMatch(/in use by process \d+/);
  expect(well.out).toContainEqual(expect.stringMatching(/^ok +backend +Backend cpu runs a model/));
  expect(well.out).toContainEqual(expect.stringMatching(/^ok +models +\d+ models can be read/));
  expect([well.code, well.out.at(-1)]).toEqual([0, "0 faults, 0 warnings"]);

  rmSync(join(data, at("x.png")));
  writeFileSync(join(data, "models", "broken.onnx"), "no model");
  const broken = await guidegraph(["doctor", "--data", data, "--backend", "cpu", "--json"]);
  const found: Finding[] = broken.out.map((line) => JSON.parse(line));
  expect(wrongIn(found)).toEqual([
    expect.stringMatching(/^warning models: broken.onnx: /),
    "fault P3: Output x.png of run a is listed and is not there",
  ]);
  expect(broken.code).toBe(1);
});
