/** Whether the server does what it is there for, and if not, why: nothing here waits for what may be stuck. */
import { packageVersion } from "../files/package-root.ts";
import type { Health } from "../protocol.ts";
import { durationText, sizeText } from "../units.ts";
import type { Services } from "./services.ts";

/** A run of a few pictures writes less; many of them are soon more. */
const littleBytes = 2 ** 30;

export type Looked = Pick<
  Services,
  "planner" | "sampler" | "queue" | "quarantine" | "keeper" | "space" | "ballast" | "database"
>;

export function healthOf({ planner, sampler, queue, quarantine, keeper, space, ballast, database }: Looked): Health {
  const { stuck } = planner;
  const { free } = space;
  const isFull = ballast.isFull || database.failing === "SQLITE_FULL";
  // They are found well again by being tried, which nobody else may do while runs are sent elsewhere.
  if (ballast.isFull) void ballast.hasRoom();
  if (database.failing !== undefined) database.tryAgain();

  const refusing = [
    ...(queue.state === "closing" ? ["The server is stopping"] : []),
    ...(queue.state === "full" ? ["The queue is full"] : []),
    ...(isFull ? ["The disk is full: runs are taken again when there is room"] : []),
    ...(database.failing !== undefined && !isFull ? [`The history cannot be written (${database.failing})`] : []),
  ];
  const troubles = [
    ...(stuck ? [`The planner is at one question since ${stuck.since}; ${stuck.waiting} wait for it`] : []),
    ...[planner.process, sampler].flatMap(({ name, pauseMs }) =>
      pauseMs === undefined
        ? []
        : [`The ${name} ended again and again; it starts anew within ${durationText(pauseMs)}`],
    ),
    ...(quarantine.held.length > 0 ? [`${quarantine.held.length} models or files are held: see /api/quarantine`] : []),
    ...(keeper.beyond > 0 ? [`Runs weigh ${sizeText(keeper.beyond)} more than --max-disk, and none may go`] : []),
    ...(!isFull && free !== undefined && free < littleBytes ? [`Only ${sizeText(free)} are free on the disk`] : []),
  ];
  return {
    status: refusing.length > 0 ? "unavailable" : troubles.length > 0 ? "degraded" : "ok",
    reasons: [...refusing, ...troubles],
    version: packageVersion(),
    backend: sampler.backend ?? "starting",
    planner: stuck ? "stuck" : planner.process.state,
    sampler: sampler.state === "ready" && queue.running > 0 ? "running" : sampler.state,
    queue: { state: queue.state, waiting: queue.waiting, running: queue.running },
    disk: { state: isFull ? "full" : "ok", ...(free !== undefined && { freeBytes: free }) },
    history: database.failing === undefined ? "ok" : "unwritable",
    held: quarantine.held.length,
    ...(stuck && { stuck }),
  };
}
