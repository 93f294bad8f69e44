/** Runs a document from the command line: plan, progress, files. */
import { join } from "node:path";
import type { RunEvent } from "../../executor/index.ts";
import type { GraphDocument } from "../../graphs/document/index.ts";
import { planDocument, runDocument } from "../engine/documents.ts";
import type { Engine } from "../engine/engine.ts";
import { makeFolder } from "../files/make-folder.ts";
import { outputFolder } from "../files/output-folder.ts";
import type { Terminal } from "./command.ts";
import { type Progress, progress } from "./progress.ts";
import { withTitles } from "./titles.ts";

export interface ExecuteOptions {
  readonly engine: Engine;
  readonly batches: number;
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
  const { engine, batches, out, json, terminal, ready } = options;
  const planned = await planDocument(engine, given, { batches, folder: out });
  // Before hours of sampling, not after them.
  makeFolder(out);
  await engine.provider();
  await ready?.();
  const shown = progress({ write: terminal.err, columns: terminal.columns, now: () => performance.now() });
  const watch = watcher(shown, batches);
  try {
    await new Promise<void>((resolve, reject) => {
      if (terminal.signal.aborted) reject(new Error("Interrupted"));
      const subscription = runDocument(engine, planned, outputFolder(out), { batches }).subscribe({
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
  } finally {
    shown.end();
    await engine.networks.close();
  }
}

/** Counts a loop's steps through all batches. */
function watcher(shown: Progress, batches: number): (event: RunEvent) => void {
  const loops = new Map<string, { done: number; ms: number }>();
  return (event) => {
    if (event.type !== "step") return;
    const loop = loops.get(event.path) ?? { done: 0, ms: 0 };
    loop.done++;
    loop.ms += event.ms;
    loops.set(event.path, loop);
    shown.step(loop.done, event.count * batches, loop.ms / loop.done);
  };
}
