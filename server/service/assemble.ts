/** Puts the services of a server together, over its data folder. */
import { homedir } from "node:os";
import { join } from "node:path";
import { describeNodes } from "../../nodes/index.ts";
import type { WorkerOptions } from "../channel/messages.ts";
import { DocumentStore } from "../documents/document-store.ts";
import { registryWith } from "../engine/own-nodes.ts";
import { Ballast } from "../files/ballast.ts";
import type { DataFolder } from "../files/data-folder.ts";
import { bundledGraphs, bundledModels, bundledSamplers, packageRoot } from "../files/package-root.ts";
import { Database } from "../runs/database.ts";
import { RunHistory } from "../runs/history.ts";
import { Previews } from "../runs/previews.ts";
import { Quarantine } from "../runs/quarantine.ts";
import { RunQueue } from "../runs/queue.ts";
import { RunLog } from "../runs/run-log.ts";
import { submitter } from "../runs/submit.ts";
import { Worker } from "../supervisor/worker.ts";
import type { Services } from "./services.ts";

/** Nobody's first picture waits for 64 MiB of nothing. */
const ballastAfterMs = 5_000;

/** How its processes are set up, and how long a run may take. */
export interface ServiceOptions
  extends Pick<WorkerOptions, "models" | "images" | "nodes" | "cache" | "backend" | "threads"> {
  readonly deadlineMs: number;
  readonly say: (line: string) => void;
}

export interface Assembled extends Services {
  readonly database: Database;
}

/** Opens the history and starts both processes. */
export async function assemble(options: ServiceOptions, data: DataFolder): Promise<Assembled> {
  const { nodes, cache, backend, threads, deadlineMs, say } = options;
  const registry = await registryWith(nodes);
  const models = [...options.models, data.models];
  const images = [...options.images, data.images];
  const hidden = [data.path, packageRoot, homedir(), ...models, ...images, ...(cache === undefined ? [] : [cache])];
  const workerOptions = { models, images, nodes, cache, backend, threads, hidden };
  const planner = new Worker(workerOptions, { runs: false, say });
  const sampler = new Worker(workerOptions, { runs: true, say });
  try {
    const database = await Database.open(data.path);
    const [history, log] = [new RunHistory(database), new RunLog(database)];
    const previews = new Previews((run) => join(data.run(run), "previews"));
    const quarantine = new Quarantine(join(data.path, "quarantine.json"), registry);
    const ballast = new Ballast(join(data.path, "ballast"));
    setTimeout(() => ballast.take(), ballastAfterMs).unref();
    const queue = new RunQueue({ history, log, previews, quarantine, worker: sampler, data, ballast, deadlineMs, say });
    return {
      data,
      database,
      nodes: describeNodes(registry),
      graphs: new DocumentStore({ own: data.graphs, builtIn: bundledGraphs }),
      samplers: new DocumentStore({ own: data.samplers, builtIn: bundledSamplers, isLibrary: true }),
      history,
      log,
      previews,
      queue,
      quarantine,
      submit: submitter({ history, queue, quarantine, planner, registry }),
      planner,
      sampler,
      imageFolders: [...images, ...models, bundledModels],
      say,
    };
  } catch (error) {
    await Promise.all([planner.close(), sampler.close()]);
    throw error;
  }
}
