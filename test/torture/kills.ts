/** Processes that are killed at random moments, and what became of what they did. */
import { temporaryFolder } from "../support/cli.ts";
import { sampler } from "../support/processes.ts";
import { quick, TestServer, tiny } from "../support/server.ts";
import { brokenPromises } from "./promises.ts";

export interface Kills {
  /** How often. */
  readonly points: number;
  readonly random: () => number;
}

export interface Outcome {
  /** Sentences; none when all is well. */
  readonly broken: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

/** T40: the process in which a run is, at any moment of the run. The run fails or had ended, and the next succeeds. */
export async function killWorkers({ points, random }: Kills): Promise<Outcome> {
  const server = await TestServer.start();
  const ids: string[] = [];
  /** Each with its own noise: what an earlier run has computed would be over too soon. */
  const run = async () => {
    const id = await server.submit({ ...quick, set: { ...quick.set, "Noise.seed": ids.length } });
    ids.push(id);
    return id;
  };
  await server.eventsOf(await run());
  // As long as a run takes whose models are loaded.
  const began = performance.now();
  await server.eventsOf(await run());
  const length = performance.now() - began;
  const [planner] = server.workers();
  const broken: string[] = [];
  let [slowest, failures] = [0, 0];
  for (let point = 0; point < points; point++) {
    const id = await run();
    const after = random() * length;
    await sleep(after);
    await until(() => server.workers().length === 2);
    process.kill(sampler(server.process.pid as number), "SIGKILL");
    const killed = performance.now();
    const end = (await server.eventsOf(id)).at(-1);
    const how = end?.type === "run" ? `${end.state} ${end.failure?.code ?? ""}` : "";
    if (how.startsWith("failed")) {
      failures++;
      slowest = Math.max(slowest, performance.now() - killed);
    }
    if (how !== "failed WORKER_CRASHED" && how !== "succeeded ")
      broken.push(`A run whose process was killed after ${Math.round(after)} ms ended as ${how}`);
    const next = (await server.eventsOf(await run())).at(-1);
    if (next?.type !== "run" || next.state !== "succeeded")
      broken.push(`The run after the kill at ${Math.round(after)} ms did not succeed: ${JSON.stringify(next)}`);
  }
  if (server.workers()[0] !== planner) broken.push("The process that plans was not left alone");
  await server.kill("SIGTERM");
  broken.push(...(await brokenPromises(server.data, ids)));
  return { broken, figures: { points, "runs that failed": failures, "ms from a kill to the news, at most": slowest } };
}

/**
 * T43: the server, while `queued` runs wait, one runs, and some that ended are removed. Nothing acknowledged is lost but what
 * somebody removed, and of that nothing is left.
 */
export async function killServers({ points, random, queued }: Kills & { readonly queued: number }): Promise<Outcome> {
  const data = temporaryFolder();
  const acknowledged: string[] = [];
  const discarded = new Set<string>();
  for (let point = 0; point < points; point++) {
    const server = await TestServer.start({ data });
    const removals = discard(server, random, discarded);
    const submissions = fill(server, queued, acknowledged);
    // First when all wait; then, since they wait still, at any moment of a server that has just started.
    await (point === 0 ? submissions : Promise.race([submissions, sleep(random() * 2_000)]));
    await sleep(random() * 1_000);
    await server.kill("SIGKILL");
    await Promise.all([submissions, removals]);
  }
  const began = performance.now();
  const last = await TestServer.start({ data });
  const start = performance.now() - began;
  // Some of what waits is done, the rest is not waited for.
  for (const id of acknowledged.slice(-5)) await last.eventsOf(id);
  await last.request("/api/runs", { method: "DELETE" });
  await last.request("/api/trash", { method: "DELETE" });
  await until(async () => (await last.runs()).every(({ ended }) => ended !== undefined));
  await last.kill("SIGTERM");
  const left = acknowledged.filter((id) => !discarded.has(id));
  const broken = await brokenPromises(data, left);
  const figures = {
    points,
    acknowledged: acknowledged.length,
    removed: discarded.size,
    "ms to start with all of it": start,
  };
  return { broken, figures };
}

/** Submits until so many runs wait, or until the server is gone. */
async function fill(server: TestServer, queued: number, acknowledged: string[]): Promise<void> {
  try {
    const waiting = (await server.runs()).filter(({ state }) => state === "queued").length;
    for (let i = waiting; i < queued; i++) acknowledged.push(await server.submit(i % 10 === 0 ? quick : tiny));
  } catch {
    // It was killed: what it did not answer, it did not acknowledge.
  }
}

/** Removes one run after the other that has ended, some with a stay in the trash, until the server is gone. */
async function discard(server: TestServer, random: () => number, discarded: Set<string>): Promise<void> {
  try {
    for (;;) {
      const ended = (await server.runs()).filter(({ ended }) => ended !== undefined);
      const run = ended[Math.floor(random() * ended.length)];
      if (run && ended.length > 5) {
        // Whether it is gone nobody knows when the server is killed meanwhile: it is gone, or it is whole.
        discarded.add(run.id);
        await server.request(`/api/runs/${run.id}/trash`, { method: "POST" });
        const next = random();
        if (next < 0.3) await server.request(`/api/runs/${run.id}/restore`, { method: "POST" });
        else if (next < 0.9) await server.request(`/api/trash/${run.id}`, { method: "DELETE" });
      }
      await sleep(random() * 100);
    }
  } catch {}
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50);
}
