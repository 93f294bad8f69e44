/** A run of the command line that other processes draw, one a device: this one plans it, keeps its journal and tells of it. */
import { catchError, finalize, from, type Observable, switchMap, throwError } from "rxjs";
import type { RunEvent } from "../../executor/index.ts";
import { writeDocument } from "../../graphs/document/index.ts";
import { GraphError } from "../../nodes/index.ts";
import type { SampleRange } from "../../runtime/index.ts";
import type { PreviewMessage, WorkerOptions } from "../channel/messages.ts";
import { Device } from "../devices/device.ts";
import { deviceLines } from "../devices/device-lines.ts";
import { Devices } from "../devices/devices.ts";
import { RunStopped } from "../devices/run-stopped.ts";
import { SharedRun } from "../devices/shared-run.ts";
import type { PlannedDocument } from "../engine/documents.ts";
import type { EngineOptions } from "../engine/engine.ts";
import { machineMemory, memoryEach } from "../engine/machine-memory.ts";
import { type Batches, whyAlone } from "../engine/samples.ts";
import { diskFullHere } from "../files/disk-full.ts";
import type { Journal } from "../files/journal.ts";
import { useCpu } from "../providers/choose.ts";
import type { DeviceChoice } from "../providers/device-list.ts";
import { Worker } from "../supervisor/worker.ts";

/** Where the processes draw, and with what they look for files. */
export interface OnDevices
  extends Pick<WorkerOptions, "models" | "cache" | "precision">,
    Partial<Pick<WorkerOptions, "images" | "nodes" | "typed">> {
  readonly choices: readonly DeviceChoice[];
}

export interface DrawnOptions extends Batches {
  readonly range: SampleRange | undefined;
  readonly out: string;
  readonly journal: Journal | undefined;
  readonly say: (line: string) => void;
}

/** By what a run is weighed that these draw; by this process where there are none. */
export const weighedBy = (choices: readonly DeviceChoice[] | undefined): Pick<EngineOptions, "runsOn" | "runBytes"> =>
  choices ? { runsOn: choices, runBytes: memoryEach(choices.length) } : {};

/** A run of the command line takes as long as it takes. */
const endlessMs = Number.POSITIVE_INFINITY;

/** Begins when subscribed to; unsubscribing ends the processes. Errors with a GraphError, or as a device does not start. */
export function drawnOn(
  { choices, ...files }: OnDevices,
  { document, plan }: PlannedDocument,
  { batches, first, range, out, journal, say }: DrawnOptions,
): Observable<RunEvent | PreviewMessage> {
  const bytes = memoryEach(choices.length);
  for (const [line] of deviceLines(choices, bytes, machineMemory())) say(line);
  const alone = whyAlone(plan);
  if (choices.length > 1 && alone !== undefined) say(`${choices[0].name} draws all batches, since ${alone}`);
  const options = { images: [], nodes: [], ...files, hidden: [], room: { folder: out, bytes } };
  const processes = choices.map(({ name = "sampler", ...choice }) => {
    const role = { is: "sampler", device: name, bounds: { memoryBytes: bytes }, say } as const;
    return new Device(name, new Worker({ ...options, ...choice }, role));
  });
  let hasBegun = false;
  const devices = new Devices(processes, say, {
    takenOut: ({ name }, why, left) =>
      hasBegun && left.length > 0 ? `${name} draws nothing more: ${why}. ${left.join(", ")} goes on` : undefined,
  });
  const lend = () => {
    for (const device of devices.free) if (run.wants(device)) run.join(device);
  };
  const lender = {
    isAskedFor: () => false,
    giveBack: lend,
    ask: lend,
    failed: (device: Device, how: string) => devices.failed(device, how),
    unfit: ({ name }: Device, why: string) => say(`${name} draws no batches: ${why}`),
    all: () => devices.usable,
    mayCome: () => false,
  };
  devices.whenFree(lend);
  const task = {
    run: "run",
    graph: JSON.stringify(writeDocument(document)),
    options: { batches, watch: [] },
    folder: out,
    range,
  };
  const run = new SharedRun(task, processes[0], {
    lender,
    cancel: new AbortController().signal,
    deadlineMs: endlessMs,
    journal,
    first,
  });
  // One that was named and does not start is told of before anything is drawn.
  const ready = allReady(processes);
  return from(ready).pipe(
    switchMap(() => {
      hasBegun = true;
      return run.events$;
    }),
    catchError((error: unknown) => throwError(() => asError(error))),
    finalize(() => void devices.close()),
  );
}

/** Rejects with those of `--devices` that do not start, each with the reason, and what can be named instead. */
async function allReady(processes: readonly Device<Worker>[]): Promise<void> {
  const tried = await Promise.allSettled(processes.map(({ worker }) => worker.ready));
  const why = tried.flatMap((one, i) => {
    if (one.status === "fulfilled") return [];
    const reason = one.reason instanceof Error ? one.reason.message : String(one.reason);
    return [`${processes[i].name} (${reason.replace(useCpu, "")})`];
  });
  if (why.length === 0) return;
  const able = processes.filter((_, i) => tried[i].status === "fulfilled").map(({ name }) => name);
  throw new Error(
    able.length > 0
      ? `Of --devices ${why.join(" and ")} cannot be used: give --devices ${able.join(",")}`
      : `None of --devices can be used: ${why.join(", ")}. Use --devices cpu, which every machine has`,
  );
}

function asError(error: unknown): unknown {
  if (!(error instanceof RunStopped) || !error.failure) return error;
  const { code, message, port, node } = error.failure;
  if (code === "DISK_FULL") return new Error(diskFullHere);
  return node === undefined ? new Error(message) : new GraphError(message, port, node);
}
