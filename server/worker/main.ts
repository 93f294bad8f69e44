/**
 * The process in which graphs are planned or run; started by supervisor/worker.ts with `fork`. A model call blocks its thread, and
 * native code may crash or never return: that ends this process and nothing else.
 */

import type { FromWorker, ToWorker, WorkerOptions } from "../channel/messages.ts";
import { presentable } from "../channel/problems.ts";
import { engine } from "../engine/engine.ts";
import { registryWith } from "../engine/own-nodes.ts";
import { chooseProvider } from "../providers/choose.ts";
import { gathered } from "./gathered.ts";
import { endWithParent } from "./watchdog.ts";
import { Work } from "./work.ts";

endWithParent();
process.on("disconnect", () => process.exit(0));
// Ctrl-C reaches every process of a terminal; the server says when a run ends.
process.on("SIGINT", () => {});

const tell = gathered((messages) => process.send?.(messages));
let work: Promise<Work> | undefined;

process.on("message", (message: ToWorker) => {
  if (message.type === "open") work = open(message.options, message.runs);
  else work?.then((opened) => act(opened, message));
});

function act(opened: Work, message: Exclude<ToWorker, { type: "open" }>): void {
  if (message.type === "ask") opened.answer(message.id, message.question);
  else if (message.type === "prepare") opened.prepare(message.task);
  else if (message.type === "run") opened.run(message.task);
  else opened.cancel(message.run);
}

async function open(options: WorkerOptions, runs: boolean): Promise<Work> {
  const { backend, threads, hidden } = options;
  const say = (line: string) => tell({ type: "say", line: presentable(line, hidden) });
  try {
    const { models, images, cache } = options;
    const registry = await registryWith(options.nodes);
    const provider = () => chooseProvider(backend, { threads }, say);
    const opened = engine({
      registry,
      models,
      images,
      cache,
      environment: process.env,
      say,
      ...(runs && { provider }),
    });
    tell({ type: "ready", backend: runs ? (await opened.provider()).name : "none" });
    return new Work(opened, hidden, tell);
  } catch (error) {
    const reason = presentable(error instanceof Error ? error.message : String(error), hidden);
    process.send?.([{ type: "unusable", reason }] satisfies FromWorker[], () => process.exit(1));
    return new Promise(() => {});
  }
}
