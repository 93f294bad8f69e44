/** Runs a document from the command line: plan, progress, files. The same again goes on where it was interrupted. */
import { join } from "node:path";
import type { Plan, RunEvent } from "../../executor/index.ts";
import type { GraphDocument } from "../../graphs/document/index.ts";
import type { SampleRange } from "../../runtime/index.ts";
import { planDocument, runDocument } from "../engine/documents.ts";
import type { Engine } from "../engine/engine.ts";
import { type Batches, batchesOf, identityOf, samplesPerBatch } from "../engine/samples.ts";
import { makeFolder } from "../files/make-folder.ts";
import { OutputFolder } from "../files/output-folder.ts";
import { packageVersion } from "../files/package-root.ts";
import { UsageError } from "../flags/errors.ts";
import type { Terminal } from "./command.ts";
import { type Progress, progress } from "./progress.ts";
import { withTitles } from "./titles.ts";

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
  readonly terminal: Terminal;
  /** Called once the graph is known to be sound, and where it runs. */
  readonly ready?: () => Promise<void>;
}

/** Resolves when all is saved; rejects with what is wrong in the graph, or went wrong in its run, or was interrupted. */
export const execute = (document: GraphDocument, options: ExecuteOptions): Promise<void> =>
  withTitles(document, options.engine.registry, () => executed(document, options));

async function executed(given: GraphDocument, options: ExecuteOptions): Promise<void> {
  const { engine, range, out, json, terminal, ready } = options;
  const batches = (plan: Plan) => sizeOf(wantedOf(plan, options));
  const planned = await planDocument(engine, given, { batches, folder: out });
  const wanted = wantedOf(planned.plan, options);
  // Before hours of sampling, not after them.
  makeFolder(out);
  await engine.provider();
  await ready?.();
  const count = sizeOf(wanted);
  const identity = count === 1 ? undefined : identityOf(planned.plan, wanted.batches, range, packageVersion());
  const folder = await OutputFolder.open(out, identity);
  const first = Math.max(wanted.first, folder.before);
  const shown = progress({ write: terminal.err, columns: terminal.columns, now: () => performance.now() });
  if (first > wanted.first) shown.say(`Going on in ${out}: ${first - wanted.first} of ${count} batches are done`);
  const watch = watcher(shown, { ...wanted, now: first, pictures: samplesPerBatch(planned.plan) });
  let isOver = false;
  try {
    await new Promise<void>((resolve, reject) => {
      if (terminal.signal.aborted) reject(new Error("Interrupted"));
      const options = { first, batches: wanted.batches, ...(range && { range }) };
      const subscription = runDocument(engine, planned, folder, options).subscribe({
        next(event) {
          if (event.type === "preview") return;
          watch(event);
          if (json) terminal.out(JSON.stringify(event));
          else if (event.type === "output") {
            shown.end();
            terminal.out(join(out, event.name));
          }
        },
        error: reject,
        complete: resolve,
      });
      terminal.signal.addEventListener("abort", () => {
        subscription.unsubscribe();
        reject(new Error("Interrupted"));
      });
    });
    isOver = true;
  } finally {
    shown.end();
    const done = await folder.close(isOver);
    if (!isOver && done > wanted.first)
      shown.say(`${done - wanted.first} of ${count} batches are done; the same command goes on behind them`);
    await engine.networks.close();
  }
}

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

/** Counts a loop's steps, and pictures, through all batches; `now` is the first that is run. */
function watcher(
  shown: Progress,
  { first, batches, now, pictures }: Batches & { readonly now: number; readonly pictures: number | undefined },
): (event: RunEvent) => void {
  const loops = new Map<string, { done: number; ms: number }>();
  let done = now - first;
  return (event) => {
    if (event.type === "batch") done = event.index + 1 - first;
    if (event.type !== "step") return;
    const loop = loops.get(event.path) ?? { done: 0, ms: 0 };
    loop.done++;
    loop.ms += event.ms;
    loops.set(event.path, loop);
    const taken = (now - first) * event.count + loop.done;
    const whole =
      batches - first > 1 && pictures ? { done: done * pictures, of: (batches - first) * pictures } : undefined;
    shown.step(taken, event.count * (batches - first), loop.ms / loop.done, whole);
  };
}
