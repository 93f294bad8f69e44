/** Puts the services of a server together, over its data folder. */
import { homedir } from "node:os";
import { join } from "node:path";
import { describeNodes } from "../../nodes/index.ts";
import type { WorkerOptions } from "../channel/messages.ts";
import { Device } from "../devices/device.ts";
import { deviceLines } from "../devices/device-lines.ts";
import { Devices } from "../devices/devices.ts";
import { DocumentStore } from "../documents/document-store.ts";
import { machineMemory, memoryEach, toMeasure, unmeasured } from "../engine/machine-memory.ts";
import { registryWith } from "../engine/own-nodes.ts";
import { Ballast } from "../files/ballast.ts";
import { cacheFolderOf } from "../files/cache-folder.ts";
import { type DataFolder, placesOf } from "../files/data-folder.ts";
import { DiskSpace } from "../files/disk-space.ts";
import { bundledGraphs, bundledModels, bundledSamplers, packageRoot } from "../files/package-root.ts";
import { StillThere } from "../files/still-there.ts";
import { WaitingModels } from "../files/waiting-models.ts";
import { keeperOf } from "../keeping/keeper.ts";
import type { Rules } from "../keeping/retention.ts";
import type { Say } from "../log/say.ts";
import type { Machines } from "../machines/machines.ts";
import type { DeviceChoice } from "../providers/device-list.ts";
import { Database } from "../runs/database.ts";
import { Exporter } from "../runs/exporter.ts";
import { RunHistory } from "../runs/history.ts";
import { Intake } from "../runs/intake.ts";
import { Planner } from "../runs/planner.ts";
import { Previews } from "../runs/previews.ts";
import { Quarantine } from "../runs/quarantine.ts";
import { RunQueue } from "../runs/queue.ts";
import { sayRuns } from "../runs/run-lines.ts";
import { RunLog } from "../runs/run-log.ts";
import { submitter } from "../runs/submit.ts";
import { Worker } from "../supervisor/worker.ts";
import type { Bounds } from "../supervisor/worker-role.ts";
import type { Services } from "./services.ts";
import { Traffic } from "./traffic.ts";

/** Nobody's first picture waits for 64 MiB of nothing. */
const ballastAfterMs = 5_000;

/**
 * The largest that is looked at is an NPZ of 50,000 pictures of 64×64, twice: as it lies in its file, and unpacked. What
 * has no such sizes in it needs little beside.
 */
const planning: Bounds = { heapMiB: 1_024, memoryBytes: Math.min(6 * 2 ** 30, machineMemory() / 2) };

/** It holds networks and their gradients, each twice while onnxruntime loads what was written. */
const exporting: Bounds = { memoryBytes: machineMemory() / 2 };

/** How its processes are set up, and how long a run may take. */
export interface ServiceOptions
  extends Pick<WorkerOptions, "models" | "images" | "nodes" | "cache" | "backend" | "threads" | "precision"> {
  readonly deadlineMs: number;
  /** Where graphs run, a process each; absent: in one, on the backend. */
  readonly devices?: readonly DeviceChoice[] | undefined;
  /** By which runs are removed; absent: none is by itself. */
  readonly rules?: Rules;
  /** Bytes that a process which runs graphs may hold; absent: its share of most of what there is. */
  readonly samplerBytes?: number | undefined;
  /** The Redis by which other machines help; absent: none does, and nothing of it is loaded. */
  readonly redis?: string | undefined;
  /** A folder that these machines see too, for what they draw; absent: it comes over HTTP. */
  readonly results?: string | undefined;
  /** Whether other machines alone draw the batches that they can. */
  readonly onlyHelpers?: boolean;
  /** What may be spent on looking at graphs and files. */
  readonly planning?: Bounds;
  /** Ends the start while it waits for others. */
  readonly signal?: AbortSignal | undefined;
  readonly say: Say;
}

export interface Assembled extends Services {
  /** Ends all processes. */
  endWorkers(): Promise<unknown>;
}

/** Opens the history and starts the processes. */
export async function assemble(options: ServiceOptions, data: DataFolder): Promise<Assembled> {
  const { nodes, cache, backend, threads, precision, deadlineMs, say } = options;
  const registry = await registryWith(nodes);
  const models = [...options.models, data.models];
  const images = [...options.images, data.images];
  const hidden = [data.path, packageRoot, homedir(), ...models, ...images, ...(cache === undefined ? [] : [cache])];
  const choices = options.devices ?? [{ name: undefined, backend, threads }];
  const samplerBytes = options.samplerBytes ?? memoryEach(choices.length);
  for (const [line, level] of deviceLines(choices, samplerBytes, machineMemory())) say(line, { level });
  const without = unmeasured();
  if (without !== undefined) say(`${without} (${toMeasure})`, { level: "warn" });
  const room = { folder: data.path, bytes: samplerBytes };
  const workerOptions = {
    models,
    images,
    nodes,
    cache,
    backend,
    threads,
    precision,
    hidden,
    room,
    devices: choices.length,
  };
  const looking = { ...workerOptions, runsOn: choices };
  const looks = new Worker(looking, { is: "planner", bounds: { ...planning, ...options.planning }, say });
  const bounds = { memoryBytes: samplerBytes };
  const devices = new Devices(
    choices.map(({ name, ...choice }) => {
      const worker = new Worker({ ...workerOptions, ...choice }, { is: "sampler", device: name, bounds, say });
      return new Device(name ?? "sampler", worker);
    }),
    say,
  );
  let machines: Machines | undefined;
  let exporter: Exporter | undefined;
  const endWorkers = async () => {
    await Promise.all([machines?.close(), exporter?.close()]);
    await Promise.all([looks.close(), devices.close()]);
  };
  try {
    const database = await Database.open(data.path, say);
    const folders = await StillThere.of(placesOf(data), "server");
    const [history, log] = [new RunHistory(database), new RunLog(database)];
    sayRuns(log.lifecycle, say);
    const graphs = new DocumentStore({ own: data.graphs, builtIn: bundledGraphs });
    const samplers = new DocumentStore({ own: data.samplers, builtIn: bundledSamplers, isLibrary: true });
    for (const [from, to] of [...(await graphs.unhide()), ...(await samplers.unhide())])
      say(`“${from}” of this server’s own is called “${to}” now: GuideGraph has come with another “${from}”`);
    const previews = new Previews((run) => join(data.run(run), "previews"));
    const quarantine = new Quarantine(join(data.path, "quarantine.json"), registry);
    const planner = new Planner(looks, quarantine, say);
    const ballast = new Ballast(join(data.path, "ballast"));
    setTimeout(() => ballast.take(), ballastAfterMs).unref();
    exporter = new Exporter({
      start: () => {
        const bounds = { ...exporting, ...options.planning };
        return new Worker(looking, { is: "exporter", bounds, isOnce: true, say });
      },
      folder: data.exports,
      quarantine,
      ballast,
      say,
    });
    const intake = new Intake();
    const drawers = options.onlyHelpers ? "helpers" : "all";
    const queue = new RunQueue({
      history,
      log,
      previews,
      quarantine,
      devices,
      drawers,
      ...(options.redis !== undefined && { helping: (run: string) => machines?.helping(run) ?? 0 }),
      stillOut: (run: string) => machines?.begunOf(run) ?? [],
      placed: async () => machines?.leave(),
      data,
      folders,
      ballast,
      deadlineMs,
      say,
    });
    if (options.redis !== undefined) {
      const { Machines } = await import("../machines/machines.ts");
      const ask: Planner["ask"] = (question, asked) => planner.ask(question, asked);
      const { redis: url, results, onlyHelpers: isNeeded = false, signal } = options;
      const hasRoom = (bytes: number) => ballast.hasRoom(bytes);
      const isAt = (run: string) => queue.isAt(run);
      const given = { url, results, data: data.path, devices, isNeeded, signal };
      const isLeft = (run: string) => queue.isLeft(run);
      machines = await Machines.open({ ...given, ask, isAt, isLeft, hasRoom, say });
    }
    const keeper = keeperOf({
      database,
      log,
      queue,
      data,
      cache: cacheFolderOf(cache, process.env),
      rules: options.rules ?? {},
      say,
    });
    return {
      data,
      folders,
      database,
      ballast,
      space: new DiskSpace(data.path),
      waiting: new WaitingModels(data.models),
      traffic: new Traffic(),
      nodes: describeNodes(registry),
      graphs,
      samplers,
      history,
      log,
      previews,
      queue,
      quarantine,
      keeper,
      intake,
      submit: submitter({ history, queue, quarantine, intake, planner, registry }),
      planner,
      exporter,
      devices,
      machines,
      imageFolders: [...images, ...models, bundledModels],
      say,
      endWorkers,
    };
  } catch (error) {
    await endWorkers();
    throw error;
  }
}
