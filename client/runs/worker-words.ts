/** What is said of other machines that help: how many there are, and what each does. */
import type { WorkerHealth } from "../../server/protocol.ts";
import type { Health } from "./api.ts";

type Machines = NonNullable<Health["machines"]>;

/** "2 workers, 5 devices"; "Redis is away". */
export function workersLabel({ redis, workers }: Machines): string {
  if (redis === "away") return "Redis is away";
  if (redis === "refusing") return "Redis does not do its work";
  const devices = workers.reduce((sum, worker) => sum + worker.devices.length, 0);
  return workers.length === 0 ? "no workers" : `${many(workers.length, "worker")}, ${many(devices, "device")}`;
}

/** How many devices of others draw, or could. */
export const helpingDevices = ({ workers }: Machines): number =>
  workers.reduce((sum, { problem, devices }) => sum + (problem === undefined ? devices.length : 0), 0);

/** "cuda:1"; where it is left to the machine what draws, what came of that: "cpu". */
export const deviceName = ({ name, backend }: WorkerHealth["devices"][number]): string =>
  name === "auto" ? (backend ?? "starting") : name;

/** "run 12, batches 5 to 24, 3 done": `numberOf` a run's id. */
export function atWords(
  { at }: WorkerHealth["devices"][number],
  numberOf: (run: string) => number | undefined,
): string {
  if (!at) return "free";
  const last = at.to - at.from === 1 ? `batch ${at.to}` : `batches ${at.from + 1} to ${at.to}`;
  return `${runWords(at.run, numberOf)}, ${last}${at.done > 0 ? `, ${at.done} done` : ""}`;
}

/** "Draws nothing of run 12: it lacks a node". */
export const refusalWords = (
  { run, why }: NonNullable<WorkerHealth["refuses"]>[number],
  numberOf: (run: string) => number | undefined,
): string => `Draws nothing of ${runWords(run, numberOf)}: ${why}`;

/** "1,200 pictures an hour". */
export const rateWords = ({ hourly }: WorkerHealth): string =>
  hourly === undefined ? "" : `${Math.round(hourly).toLocaleString("en")} pictures an hour`;

/** "run 12"; "a run" where it is another's. */
export function runWords(run: string, numberOf: (run: string) => number | undefined): string {
  const number = numberOf(run);
  return number === undefined ? "a run" : `run ${number}`;
}

const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
