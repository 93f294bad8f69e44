/**
 * `npm run soak [-- RUNS]`: so many tiny guided runs (3,000), one after another on one server. What each of its processes
 * holds after every hundred, by how much that grows (a line through the figures after the first fifth, in MB for a hundred
 * runs, ≤ 2), files held open, and whether the same seed gave the same picture every time. Ends with status 1 when not.
 */
import { readdirSync } from "node:fs";
import { childrenOf } from "../support/processes.ts";
import { quick, TestServer } from "../support/server.ts";
import { rssOf } from "./memory.ts";

const runs = Number(process.argv[2] ?? 3_000);
const [perLook, seeds, mostPerHundred, mostFiles] = [100, 50, 2, 10];

interface Look {
  readonly after: number;
  readonly mb: number;
  readonly files: number;
}

const server = await TestServer.start({ args: ["--threads", "1"] });
const looks = new Map<string, Look[]>();
const pictures = new Map<number, string>();
const broken: string[] = [];
for (let done = 0; done < runs; ) {
  for (let i = 0; i < perLook; i++) {
    const seed = (done + i) % seeds;
    const set = { ...quick.set, "Diffusion Schedule.timestep_respacing": "ddim2", "Noise.seed": seed };
    const id = await server.submit({ ...quick, set });
    const end = (await server.eventsOf(id)).at(-1);
    const { outputs } = await server.detail(id);
    const hash = outputs.find(({ name }) => name.endsWith(".png"))?.sha256 ?? "";
    if (end?.type !== "run" || end.state !== "succeeded") broken.push(`Run ${done + i} did not succeed`);
    else if ((pictures.get(seed) ?? hash) !== hash) broken.push(`Seed ${seed} gave another picture in run ${done + i}`);
    pictures.set(seed, hash);
  }
  done += perLook;
  const pid = server.process.pid as number;
  // The planner is started first; a process that was exchanged is counted by itself.
  const [planner, sampler] = childrenOf(pid);
  for (const [name, of] of Object.entries({ server: pid, planner, sampler })) {
    const key = `${name} ${of}`;
    const files = readdirSync(`/proc/${of}/fd`).length;
    looks.set(key, [...(looks.get(key) ?? []), { after: done, mb: rssOf(of), files }]);
  }
  const now = [...looks].filter(([, of]) => of.at(-1)?.after === done);
  console.log(
    `${String(done).padStart(5)} runs   ${now.map(([key, of]) => `${key.split(" ")[0]} ${of.at(-1)?.mb.toFixed(0)} MB`).join("   ")}`,
  );
}
console.log();
for (const [key, of] of looks) {
  const settled = of.slice(Math.ceil(of.length / 5));
  if (settled.length < 5) {
    console.log(`${key.padEnd(16)} too few figures for a slope`);
    continue;
  }
  const growth = slope(settled) * 100;
  const files = settled[settled.length - 1].files - settled[0].files;
  console.log(
    `${key.padEnd(16)} ${growth.toFixed(2)} MB per 100 runs (≤ ${mostPerHundred})   ${files} more files open`,
  );
  if (growth > mostPerHundred) broken.push(`${key} grows`);
  if (files > mostFiles) broken.push(`${key} leaves files open`);
}
console.log(`${pictures.size} pictures, each the same in ${Math.floor(runs / seeds)} runs`);
for (const sentence of broken.slice(0, 20)) console.log(sentence);
await server.kill("SIGTERM");
if (broken.length > 0) process.exitCode = 1;

/** MB a run, by least squares. */
function slope(of: readonly Look[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(of.map(({ after }) => after)), mean(of.map(({ mb }) => mb))];
  const [over, under] = of.reduce(
    ([a, b], { after, mb }) => [a + (after - x) * (mb - y), b + (after - x) ** 2],
    [0, 0],
  );
  return under === 0 ? 0 : over / under;
}
