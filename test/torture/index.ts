/** `npm run torture [-- SEED]`: the full counts of the fault tests, and their figures. Takes minutes; ends with status 1 when a promise is broken. */
import { generator } from "../support/random.ts";
import { killServers, killWorkers, type Outcome } from "./kills.ts";

const seed = Number(process.argv[2] ?? Date.now() % 2 ** 31);
const kinds: Readonly<Record<string, () => Promise<Outcome>>> = {
  "kill -9 of the worker": () => killWorkers({ points: 20, random: generator(seed) }),
  "kill -9 of the server": () => killServers({ points: 30, queued: 50, random: generator(seed) }),
};

console.log(`seed ${seed}`);
for (const [title, torture] of Object.entries(kinds)) {
  const began = performance.now();
  const { broken, figures } = await torture();
  console.log(`\n${title}: ${broken.length === 0 ? "nothing lost" : "BROKEN"}`);
  for (const [name, value] of Object.entries(figures)) console.log(`  ${name.padEnd(36)} ${Math.round(value)}`);
  console.log(`  ${"seconds".padEnd(36)} ${Math.round((performance.now() - began) / 1000)}`);
  for (const sentence of broken) console.log(`  ${sentence}`);
  if (broken.length > 0) process.exitCode = 1;
}
