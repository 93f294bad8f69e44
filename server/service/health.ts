/** Whether the server does what it is there for, and if not, why: nothing here waits for what may be stuck. */

import type { Device } from "../devices/device.ts";
import { noneLeft } from "../devices/devices.ts";
import { packageVersion } from "../files/package-root.ts";
import type { Machines } from "../machines/machines.ts";
import type { DeviceHealth, Health, Stranded } from "../protocol.ts";
import { durationText, sizeText } from "../units.ts";
import type { Services } from "./services.ts";

/** A run of a few pictures writes less; many of them are soon more. */
const littleBytes = 2 ** 30;

export type Looked = Pick<
  Services,
  "planner" | "devices" | "machines" | "queue" | "quarantine" | "keeper" | "space" | "ballast" | "database" | "folders"
>;

export function healthOf({
  planner,
  devices,
  machines,
  queue,
  quarantine,
  keeper,
  space,
  ballast,
  database,
  folders,
}: Looked): Health {
  const { stuck } = planner;
  const { free } = space;
  const isFull = ballast.isFull || database.failing === "SQLITE_FULL";
  // They are found well again by being tried, which nobody else may do while runs are sent elsewhere.
  if (ballast.isFull) void ballast.hasRoom();
  if (database.failing !== undefined) database.tryAgain();

  const refusing = [
    ...(queue.state === "closing" ? ["The server is stopping"] : []),
    ...(queue.state === "full" ? ["The queue is full"] : []),
    ...(devices.usable.length === 0 ? [noneLeft] : []),
    ...(folders.amiss === undefined ? [] : [folders.amiss]),
    ...(isFull ? ["The disk is full: runs are taken again when there is room"] : []),
    ...(database.failing !== undefined && !isFull ? [`The history cannot be written (${database.failing})`] : []),
  ];
  const stranded = strandedIn(queue, machines);
  const troubles = [
    ...(stuck ? [`The planner is at one question since ${stuck.since}; ${stuck.waiting} wait for it`] : []),
    ...[planner.process, ...devices.usable.map(({ worker }) => worker)].flatMap(({ called, pauseMs }) =>
      pauseMs === undefined
        ? []
        : [`The ${called} ended again and again; it starts anew within ${durationText(pauseMs)}`],
    ),
    ...devices.all.flatMap(({ name, out }) =>
      out === undefined ? [] : [`Device ${name} is not used until the next start: ${out}`],
    ),
    ...(machines ? troublesOf(machines, queue) : []),
    ...stranded.map(({ run, why }) => `Run ${run} waits, since nobody who is there can draw it: ${why}`),
    ...(quarantine.held.length > 0 ? [`${quarantine.held.length} models or files are held: see /api/quarantine`] : []),
    ...(keeper.beyond > 0 ? [`Runs weigh ${sizeText(keeper.beyond)} more than --max-disk, and none may go`] : []),
    ...(!isFull && free !== undefined && free < littleBytes ? [`Only ${sizeText(free)} are free on the disk`] : []),
  ];
  const told = devices.all.map((device) => deviceHealth(device, queue));
  const backends = [...new Set(told.flatMap(({ backend }) => backend ?? []))];
  return {
    status: refusing.length > 0 ? "unavailable" : troubles.length > 0 ? "degraded" : "ok",
    reasons: [...refusing, ...troubles],
    version: packageVersion(),
    backend: backends.join(", ") || "starting",
    planner: stuck ? "stuck" : planner.process.state,
    sampler: samplerStates.find((state) => told.some((one) => one.state === state)) ?? "out",
    devices: told,
    ...(machines && {
      machines: {
        redis: machines.state,
        ...(machines.why !== undefined && { why: machines.why }),
        workers: machines.workers,
      },
    }),
    queue: { state: queue.state, waiting: queue.waiting, running: queue.running },
    disk: {
      state: folders.amiss !== undefined ? "gone" : isFull ? "full" : "ok",
      ...(free !== undefined && { freeBytes: free }),
    },
    history: database.failing === undefined ? "ok" : "unwritable",
    held: quarantine.held.length,
    ...(stuck && { stuck }),
    ...(stranded.length > 0 && { stranded }),
  };
}

function troublesOf({ state, why, workers, isNeeded, problems }: Machines, queue: Looked["queue"]): readonly string[] {
  if (state === "away") return ["Redis is away: other machines get nothing to draw"];
  if (why !== undefined) return [`Redis does not do what it is asked, and other machines get nothing to draw: ${why}`];
  const idle = workers.filter(({ problem }) => problem !== undefined);
  const isWaiting = isNeeded && queue.running > 0 && idle.length === workers.length;
  return [
    ...idle.map(({ name, problem }) => `Worker ${name} gets nothing to draw: ${problem}`),
    ...workers.flatMap(({ name, refuses = [] }) =>
      refuses.map(({ run, why }) => `Worker ${name} draws nothing of run ${run}: ${why}`),
    ),
    ...problems.map((why) => `Orders for workers or their results do not get through: ${why}`),
    ...(isWaiting ? ["Runs of many batches wait for a worker (--only-workers)"] : []),
  ];
}

/** Runs that wait for somebody who can draw them: another device, by a worker or at the next start. */
function strandedIn({ stranded }: Looked["queue"], machines: Machines | undefined): readonly Stranded[] {
  const drawn = new Set(machines?.workers.flatMap(({ devices }) => devices.map(({ at }) => at?.run)));
  return [...stranded].flatMap(([run, why]) => (drawn.has(run) ? [] : [{ run, why }]));
}

/** The best of several says how the whole is. */
const samplerStates = ["running", "ready", "starting", "paused", "out"] as const;

function deviceHealth(device: Device, queue: Looked["queue"]): DeviceHealth {
  const { name, worker, out } = device;
  const { backend } = worker;
  if (out !== undefined) return { name, state: "out", reason: out };
  const work = queue.batchOf(device);
  const state = work && worker.state === "ready" ? "running" : worker.state;
  return { name, ...(backend !== undefined && { backend }), state, ...work };
}
