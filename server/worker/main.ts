/**
 * The process in which graphs are planned or run; started by supervisor/child.ts. A model call blocks its thread, and
 * native code may crash or never return: that ends this process and nothing else.
 */
import type { FromWorker, ToWorker, WorkerOptions } from "../channel/messages.ts";
import { presentable } from "../channel/problems.ts";
import { unused } from "../channel/unused-signals.ts";
import { engine } from "../engine/engine.ts";
import { registryWith } from "../engine/own-nodes.ts";
import { byFlag, byPage, byWorkersFlag } from "../files/how-to-bring.ts";
import { neverAgain } from "../files/kept-roots.ts";
import { chooseProvider } from "../providers/choose.ts";
import { gathered } from "./gathered.ts";
import { endWithParent } from "./watchdog.ts";
import { Work } from "./work.ts";

const limitMemory = endWithParent();
process.on("disconnect", () => process.exit(0));
// Ctrl-C, a closed terminal and a service manager reach every process of a group; the server says when a run ends.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", ...unused] as const) process.on(signal, () => {});

const tell = gathered((messages) => process.send?.(messages));
let work: Promise<Work | undefined> | undefined;

process.on("message", (message: ToWorker) => {
  if (message.type === "open") work = open(message.options, message.runs);
  else work?.then((opened) => opened && act(opened, message));
});

function act(opened: Work, message: Exclude<ToWorker, { type: "open" }>): void {
  if (message.type === "ask") opened.answer(message.id, message.question, message.ask);
  else if (message.type === "prepare") opened.prepare(message.task);
  else if (message.type === "run") opened.run(message.task);
  else if (message.type === "cancel") opened.cancel(message.run);
  else opened.hear(message);
}

/** Undefined when it cannot start so: the process ends when that is said. */
async function open(options: WorkerOptions, runs: boolean): Promise<Work | undefined> {
  const { models, images, nodes, typed, helps, cache, backend, device, threads, precision, hidden, memoryBytes } =
    options;
  if (memoryBytes !== undefined) limitMemory(memoryBytes);
  // Its server's for as long as it lives: nothing ends that.
  neverAgain(options.room.folder);
  const say = (line: string) => tell({ type: "say", line: presentable(line, hidden) });
  try {
    const registry = await registryWith(nodes);
    const provider = () => chooseProvider(backend, { threads, device }, say);
    const { env: environment } = process;
    const opened = engine({
      registry,
      models,
      images,
      ...(typed && { typed }),
      // Paths are typed on a command line alone.
      howToBring: typed ? byFlag : helps ? byWorkersFlag : byPage,
      cache,
      environment,
      device,
      runsOn: options.runsOn,
      precision,
      memoryBytes,
      runBytes: options.room.bytes,
      say,
      ...(runs && { provider }),
    });
    tell({ type: "ready", backend: runs ? (await opened.provider()).name : "none" });
    return new Work(opened, options, tell);
  } catch (error) {
    const reason = presentable(error instanceof Error ? error.message : String(error), hidden);
    process.send?.([{ type: "unusable", reason }] satisfies FromWorker[], () => process.exit(1));
    return undefined;
  }
}
