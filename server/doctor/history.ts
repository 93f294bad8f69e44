/** The run history of a data folder, and the files it lists. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Client, Row } from "@libsql/client/sqlite3";
import { hashFile } from "../files/hashes.ts";
import { backupsIn } from "../runs/backups.ts";
import { version } from "../runs/tables.ts";
import { type Finding, fault, note, ok, warning } from "./finding.ts";
import { lookAtHistory } from "./look.ts";
import { mostTold, promised, statementOf } from "./promises.ts";

export interface HistoryOptions {
  readonly data: string;
  /** Files are looked for, and not read. */
  readonly quick: boolean;
  readonly signal: AbortSignal;
}

export async function* history({ data, quick, signal }: HistoryOptions): AsyncGenerator<Finding> {
  if (!existsSync(join(data, "runs.db"))) {
    yield note("history", "There is no run history yet: a server begins one");
    return;
  }
  const { findings, outputs, known } = await lookAtHistory(data, rowsOf).catch((error: Error) => ({
    findings: [fault("history", `The history cannot be read: ${error.message}`, wayBack(data))],
    outputs: [],
    known: undefined,
  }));
  yield* findings;
  yield* files(data, outputs, { quick, signal });
  if (known) yield* forgotten(data, known);
}

interface Rows {
  readonly findings: readonly Finding[];
  readonly outputs: readonly Row[];
  /** Runs that have a row, or are just leaving; undefined where that cannot be told. */
  readonly known: ReadonlySet<string> | undefined;
}

async function rowsOf(client: Client): Promise<Rows> {
  const damage = (await client.execute("PRAGMA integrity_check(20)")).rows.map((row) => String(row[0]));
  if (damage[0] !== "ok") {
    const words = damage.map((line) =>
      fault("history", `The history is damaged: ${line}`, "copy one of backups in its place"),
    );
    return { findings: words, outputs: [], known: undefined };
  }
  const sound = ok("history", "The history is a sound database (integrity_check)");
  const found = Number((await client.execute("PRAGMA user_version")).rows[0][0]);
  if (found !== version) {
    const is = `The history is of version ${found}, this program's is ${version}`;
    const told =
      found > version
        ? fault("history", is, "update GuideGraph")
        : warning("history", is, "start the server once: it upgrades it");
    return { findings: [sound, told], outputs: [], known: undefined };
  }
  // In one transaction: a server may write on.
  const [states, outputs, runs, ...broken] = await client.batch(
    [
      "SELECT state, count(*) AS n FROM runs GROUP BY state ORDER BY state",
      "SELECT run, name, sha256 FROM outputs JOIN runs ON runs.id = outputs.run ORDER BY number",
      "SELECT id FROM runs UNION SELECT run FROM leaving",
      ...promised.map(statementOf),
    ],
    "read",
  );
  const counts = states.rows.map(({ state, n }) => `${n} ${state}`).join(", ");
  const findings = promised.flatMap(({ promise, holds, words, todo }, i): Finding[] => {
    const { rows } = broken[i];
    if (rows.length === 0) return [ok(promise, `${holds[0].toUpperCase()}${holds.slice(1)}`)];
    const more = Number(rows[0].all_of_them) - mostTold;
    return [
      ...rows.map((row) => fault(promise, words(row), todo)),
      ...(more > 0 ? [fault(promise, `and so it is with ${more} more`, todo)] : []),
    ];
  });
  return {
    findings: [sound, note("runs", counts === "" ? "No runs" : `Runs: ${counts}`), ...findings],
    outputs: outputs.rows,
    known: new Set(runs.rows.map(({ id }) => String(id))),
  };
}

/** P3: each file that is listed is there, and what it was. */
async function* files(
  data: string,
  outputs: readonly Row[],
  { quick, signal }: Pick<HistoryOptions, "quick" | "signal">,
): AsyncGenerator<Finding> {
  const outputGone = "put it back from a copy, or remove the run";
  let sound = 0;
  for (const { run, name, sha256 } of outputs) {
    signal.throwIfAborted();
    // One in the trash may come back.
    const places = ["runs", "trash"].map((folder) => join(data, folder, String(run), "outputs", String(name)));
    const path = places.find((place) => existsSync(place));
    const what = `Output ${name} of run ${run}`;
    if (path === undefined) yield fault("P3", `${what} is listed and is not there`, outputGone);
    else if (!quick && (await hashFile(path).catch(() => "")) !== sha256)
      yield fault("P3", `${what} is not what it was when it was written`, outputGone);
    else sound++;
  }
  if (sound > 0)
    yield ok("P3", `${sound} outputs are there${quick ? " (not read: --quick)" : ", with the SHA-256 that they had"}`);
}

/** P1, from the other side: a folder of a run that the history does not know. */
async function* forgotten(data: string, known: ReadonlySet<string>): AsyncGenerator<Finding> {
  for (const run of await readdir(join(data, "runs")).catch(() => []))
    if (!known.has(run))
      yield warning(
        "P1",
        `The folder runs/${run} is of no run in the history`,
        "it was written before the history was put back from a copy: keep what you need of it, and remove it",
      );
}

function wayBack(data: string): string {
  const [backup] = backupsIn(data);
  return backup === undefined ? "there is no copy of it: begin anew in another folder" : `copy ${backup} in its place`;
}
