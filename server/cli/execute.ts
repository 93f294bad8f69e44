/** Runs a document from the command line: plan, progress, files. The same again goes on where it was interrupted. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { concat, type Observable } from "rxjs";
import type { Plan, RunEvent } from "../../executor/index.ts";
import type { GraphDocument } from "../../graphs/document/index.ts";
import { numbersText } from "../../nodes/index.ts";
import { firstOf } from "../../onnx/index.ts";
import type { SampleRange } from "../../runtime/index.ts";
import { inOrder, type PlannedDocument, planDocument, runDocument } from "../engine/documents.ts";
import type { Engine } from "../engine/engine.ts";
import { type Batches, batchesOf, identityOf, keepingOf, samplesPerBatch, shortOf } from "../engine/samples.ts";
import { Journal } from "../files/journal.ts";
import type { SavedFile } from "../files/journal-lines.ts";
import { interruptedIn } from "../files/journals.ts";
import { neverAgain } from "../files/kept-roots.ts";
import { makeFolder, removeEmpty } from "../files/make-folder.ts";
import { OutputFolder } from "../files/output-folder.ts";
import { packageVersion } from "../files/package-root.ts";
import { UsageError } from "../flags/errors.ts";
import type { Terminal } from "./command.ts";
import { drawnOn, type OnDevices } from "./on-devices.ts";
import { progress } from "./progress.ts";
import { Spared } from "./spared.ts";
import { planNotes, titleOf, withTitles } from "./titles.ts";
import { watchRun } from "./watch-run.ts";

export interface ExecuteOptions {
  readonly engine: Engine;
  /** How many there are; undefined: one, or as many as the range has. */
  readonly batches?: number | undefined;
  /** The samples that are wanted, if not all. */
  readonly range?: SampleRange | undefined;
  /** Folder for what it saves. */
  readonly out: string;
  /** One JSON event a line on stdout, and nothing else there. */
  readonly json: boolean;
  /** How pictures that are not kept need not be drawn, in a sentence. */
  readonly fewer?: string | undefined;
  readonly terminal: Terminal;
  /** Other processes that draw it; absent: this one does. */
  readonly onDevices?: OnDevices | undefined;
  /** Called once the graph is known to be sound, and where it runs. */
  readonly ready?: () => Promise<void>;
  /** False: it ends there, and leaves no folder. */
  readonly isDrawn?: boolean;
}

/** Resolves when all is saved; rejects with what is wrong in the graph, or went wrong in its run, or was interrupted. */
export const execute = (document: GraphDocument, options: ExecuteOptions): Promise<void> =>
  withTitles(document, options.engine.registry, () => executed(document, options));

async function executed(given: GraphDocument, options: ExecuteOptions): Promise<void> {
  const { engine, out, onDevices, ready, isDrawn = true } = options;
  const batches = (plan: Plan) => sizeOf(wantedOf(plan, options));
  const planned = await planDocument(engine, given, { batches, folder: out });
  const wanted = wantedOf(planned.plan, options);
  if (!isDrawn) return ready?.();
  // Before hours of sampling, not after them.
  const made = makeFolder(out);
  try {
    if (!onDevices) await engine.provider();
    await ready?.();
    await drawn(given, planned, wanted, options);
  } finally {
    removeEmpty(made);
  }
}

/** Into a folder that is there. */
async function drawn(
  given: GraphDocument,
  planned: PlannedDocument,
  wanted: Batches,
  { engine, range, out, json, terminal, onDevices, fewer }: ExecuteOptions,
): Promise<void> {
  const count = sizeOf(wanted);
  const identity = identityOf(planned.plan, {
    batches: wanted.batches,
    range,
    version: packageVersion(),
    precision: engine.precision,
  });
  const now = () => performance.now();
  const shown = progress({ write: terminal.err, columns: terminal.columns, now });
  const journal = await Journal.open(out, identity, ({ message }) =>
    shown.say(`${message}. Until then have no two commands draw into ${out} at once`),
  );
  const folder = new OutputFolder(out, journal);
  const again = neverAgain(out);
  let isOver = false;
  try {
    const before = journal.done;
    if (journal.damage !== undefined) shown.say(journal.damage);
    const there = journal.saved.filter(({ name }) => existsSync(join(out, name)));
    const gone = journal.saved.filter((file) => !there.includes(file)).map(({ name }) => name);
    if (gone.length > 0)
      shown.say(
        `Of what was saved ${firstOf(gone, shownFiles)} is not in ${out} any more, and not drawn again: remove ${journal.folder} to draw all of it`,
      );
    if (before > 0) shown.say(`Going on in ${out}: ${before} of ${count} batches are done`);
    for (const { title, wanted: all, made, enough } of range ? [] : shortOf(planned.plan, count))
      shown.say(`“${title}” is to keep ${all} samples, and ${made} are made: --batches ${enough} makes them all`);
    const keeping = keepingOf(planned.plan, wanted, range);
    if (keeping && keeping.kept < keeping.drawn)
      shown.say(
        `${keeping.drawn} pictures are drawn and ${keeping.kept} kept: a batch is always drawn whole${fewer === undefined ? "" : `; ${fewer}`}`,
      );
    for (const other of await interruptedIn(out, identity))
      shown.say(
        `Another run was interrupted in ${out} with ${other.done} batch${other.done === 1 ? "" : "es"} done: its own command goes on with it; remove ${other.folder} where nobody will`,
      );
    for (const line of planNotes(given, planned.plan, engine.registry)) shown.say(line);
    const spared = new Spared(planned.plan);
    const watch = watchRun({ ...wanted, plan: planned.plan, keeping, before: journal.before, now });
    const note = async (batch: number, saved: readonly SavedFile[]) =>
      journal.note(batch, saved, await folder.sync(batch));
    await new Promise<void>((resolve, reject) => {
      if (terminal.signal.aborted) reject(new Error("Interrupted"));
      const next = inOrder(wanted.batches, { first: wanted.first, done: journal.before });
      const running$: Observable<RunEvent | { readonly type: "preview" }> = onDevices
        ? drawnOn(onDevices, planned, { ...wanted, range, out, journal, say: shown.say })
        : runDocument(engine, planned, folder, { batches: wanted.batches, range, next, note });
      const subscription = concat(toldAgain(there), running$).subscribe({
        next(event) {
          if (event.type === "preview") return;
          const far = watch.see(event);
          if (far) shown.far(far);
          spared.see(event);
          if (json) {
            terminal.out(JSON.stringify(event));
            if (far && event.type === "batch") terminal.out(JSON.stringify({ type: "progress", ...far }));
          } else if (event.type === "output") {
            shown.end();
            terminal.out(join(out, event.name));
          } else if (event.type === "numbers") {
            shown.end();
            terminal.out(`${titleOf(given, event.path, engine.registry)}: ${numbersText(event)}`);
          }
        },
        error: reject,
        complete() {
          const far = watch.end();
          if (far) shown.far(far);
          resolve();
        },
      });
      terminal.signal.addEventListener("abort", () => {
        subscription.unsubscribe();
        reject(new Error("Interrupted"));
      });
    });
    isOver = true;
    for (const line of spared.lines()) shown.say(line);
  } finally {
    again();
    shown.end();
    await folder.close();
    await journal.close(isOver);
    const done = journal.done;
    if (!isOver && done > 0) shown.say(`${done} of ${count} batches are done; the same command goes on behind them`);
    else if (!isOver && terminal.signal.aborted) shown.say("Interrupted before a batch was done");
    await engine.networks.close();
  }
}

/** What earlier batches have saved, by a process that may have ended before it told. */
const toldAgain = (there: readonly SavedFile[]): readonly RunEvent[] =>
  there.map((file) => ({ type: "output", ...file }));

/** So many files are listed in a message. */
const shownFiles = 3;

const sizeOf = ({ first, batches }: Batches): number => batches - first;

/** Throws a UsageError for a range beyond the batches that were asked for. */
function wantedOf(plan: Plan, { batches, range }: ExecuteOptions): Batches {
  if (!range) return { first: 0, batches: batches ?? 1 };
  const wanted = batchesOf(plan, range);
  if (batches !== undefined && wanted.batches > batches)
    throw new UsageError(
      `--range ${range.from}..${range.to} goes beyond the ${batches * (samplesPerBatch(plan) ?? 1)} samples of ${batches} batches`,
    );
  return wanted;
}
