/**
 * `npm run chaos [-- SEED]`: what must not change a byte of a run's files, with real processes, a real Redis and the locks of real
 * use. Takes a quarter of an hour; prints for each row what was drawn again, twice and not at all, and ends with status 1 where anything was
 * lost, came twice, or differs.
 */
import { generator } from "../../support/random.ts";
import type { Row } from "./drawn.ts";
import {
  isKilled,
  isStopped,
  onMachines,
  redisIsRestarted,
  redisStandsStill,
  serverEnds,
  storeIsFull,
} from "./on-machines.ts";
import { killedAndResumed, onDevices } from "./on-one-machine.ts";

const seed = Number(process.argv[2] ?? Date.now() % 2 ** 31);
const [batches, ms] = [60, 250];
const workers = (slower: readonly number[], at: number) => ({ workers: slower, batches, ms, seed: at });

const rows: Readonly<Record<string, () => Promise<Row>>> = {
  "killed with -9 ten times, and resumed": () =>
    killedAndResumed({ kills: 10, random: generator(seed), batches, ms: 100 }),
  "1 device": () => onDevices(1, batches, 100),
  "2 devices": () => onDevices(2, batches, 100),
  "4 devices": () => onDevices(4, batches, 100),
  "1 worker": () => onMachines(workers([1], 11)),
  "2 workers": () => onMachines(workers([1, 1], 12)),
  "4 workers": () => onMachines(workers([1, 1, 1, 1], 13)),
  "a worker killed mid-shard": () => onMachines({ ...workers([1, 1], 14), happens: isKilled }),
  "a worker stopped for 45 s": () => onMachines({ ...workers([4, 4], 15), happens: isStopped(45_000) }),
  "Redis restarted": () => onMachines({ ...workers([1, 1], 16), happens: redisIsRestarted }),
  "Redis standing still for 20 s": () => onMachines({ ...workers([4, 4], 20), happens: redisStandsStill(20_000) }),
  "the server killed with -9": () => onMachines({ ...workers([1, 1], 19), happens: serverEnds("SIGKILL") }),
  "the server killed, and a store": () =>
    onMachines({ ...workers([1, 1], 21), hasStore: true, happens: serverEnds("SIGKILL") }),
  "the server told to end": () => onMachines({ ...workers([4, 4], 22), happens: serverEnds("SIGTERM") }),
  "the store full for a minute": () =>
    onMachines({ ...workers([1, 1], 17), hasStore: true, happens: storeIsFull(60_000) }),
  "one worker ten times slower": () => onMachines(workers([1, 10], 18)),
};

console.log(`seed ${seed}; ${batches} batches of 2 pictures`);
for (const [title, walked] of Object.entries(rows)) {
  const began = performance.now();
  const { figures, broken } = await walked();
  const seconds = Math.round((performance.now() - began) / 1_000);
  const told = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
  console.log(`${broken.length === 0 ? "as one go" : "BROKEN   "}  ${title}: ${told.join(", ")} (${seconds} s)`);
  for (const sentence of broken) console.log(`  ${sentence}`);
  if (broken.length > 0) process.exitCode = 1;
}
