/** What is said of the server's devices: which there are, and who does what. */
import type { DeviceHealth } from "../../server/protocol.ts";
import type { Health } from "./api.ts";
import { helpingDevices, runWords } from "./worker-words.ts";

/** "cpu", "2 × cuda", "cuda + cpu". */
export function devicesLabel({ backend, devices = [] }: Health): string {
  const used = devices.filter(({ state }) => state !== "out");
  if (devices.length < 2 || backend === "starting") return backend;
  const counts = new Map<string, number>();
  for (const { name } of used) counts.set(kindOf(name), (counts.get(kindOf(name)) ?? 0) + 1);
  return [...counts].map(([kind, count]) => (count === 1 ? kind : `${count} × ${kind}`)).join(" + ");
}

/** How many draw; 1 where nothing is known. */
export function devicesInUse(health: Health | undefined): number {
  const own = (health?.devices ?? []).filter(({ state }) => state !== "out").length;
  return Math.max(1, own + (health?.machines ? helpingDevices(health.machines) : 0));
}

/** "run 12, batch 5": `numberOf` a run's id. */
export function deviceWords(device: DeviceHealth, numberOf: (run: string) => number | undefined): string {
  const { state, reason, run, batch } = device;
  if (state === "out") return `not used until the server's next start: ${reason}`;
  if (state === "paused") return "ended again and again; starts anew soon";
  if (run === undefined) return state === "starting" ? "starting" : "free";
  const which = runWords(run, numberOf);
  return batch === undefined ? which : `${which}, batch ${batch + 1}`;
}

/** Why a run waits though it was begun; undefined where somebody draws it. */
export const waitWords = ({ stranded = [] }: Pick<Health, "stranded">, run: string): string | undefined => {
  const why = stranded.find((one) => one.run === run)?.why;
  return why && `waits, since nobody who is there can draw it: ${why}`;
};

/** "cuda:1" → "cuda", "cpu#2" → "cpu". */
const kindOf = (name: string): string => name.split(/[:#]/)[0];
