import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Health } from "../../server/protocol.ts";
import { temporaryFolder } from "../support/cli.ts";
import { isAlive, sampler } from "../support/processes.ts";
import { isEnd, long, loopPath, quick, spawnServer, TestServer, tiny } from "../support/server.ts";
import { brokenPromises } from "../torture/promises.ts";

const started: TestServer[] = [];
const start = async (options: Parameters<typeof TestServer.start>[0] = {}) => {
  const server = await TestServer.start(options);
  started.push(server);
  return server;
};
afterEach(() => Promise.all(started.splice(0).map((server) => server.kill("SIGKILL"))));

/** Submits a run and waits until it has taken a step. */
async function running(server: TestServer, body: object = long) {
  const id = await server.submit(body);
  const reader = await server.connect();
  reader.send({ type: "subscribe", run: id });
  await reader.until(({ type }) => type === "step");
  return { id, reader };
}

const files = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];

/** The process in which a server runs graphs. */
const samplerOf = ({ process }: TestServer): number => sampler(process.pid as number);

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 50));
}

test("a worker that is killed fails its run and nothing else: the server answers, the next run succeeds", async () => {
  const server = await start();
  const { id, reader } = await running(server);
  const waiting = await server.submit(quick);
  process.kill(samplerOf(server), "SIGKILL");
  const killed = performance.now();
  const end = await reader.until(isEnd);
  console.info(`told after ${Math.round(performance.now() - killed)} ms`);
  expect(end).toMatchObject({
    state: "failed",
    failure: { code: "WORKER_CRASHED", signal: "SIGKILL", node: loopPath },
  });
  expect((await server.request("/api/health")).status).toBe(200);
  expect((await server.eventsOf(waiting)).at(-1)).toMatchObject({ state: "succeeded" });
  expect(await server.detail(id)).toMatchObject({ state: "failed", failure: { code: "WORKER_CRASHED" } });
  expect(files(join(server.data, "runs", id)).filter((name) => name.endsWith(".tmp"))).toEqual([]);

  // A worker that ends again and again comes back after a pause, and what was submitted meanwhile waits for it.
  const again = samplerOf(server);
  process.kill(again, "SIGKILL");
  await until(() => server.workers().length === 2 && !server.workers().includes(again));
  process.kill(samplerOf(server), "SIGKILL");
  await until(() => server.workers().length === 1);
  const health = () => server.json<Health>("/api/health");
  await expect.poll(health).toMatchObject({ status: "degraded", sampler: "paused", queue: { state: "open" } });
  expect(await (await server.request("/metrics")).text()).toMatch(
    /^guidegraph_worker_restarts_total\{process="sampler",device="sampler"\} [1-9]/m,
  );
  const later = await server.submit(quick);
  expect((await server.eventsOf(later)).at(-1)).toMatchObject({ state: "succeeded" });
});

test("a server that is killed takes its workers along and forgets nothing: what ran is interrupted, what waited runs, what was told stays told", async () => {
  const data = temporaryFolder();
  const first = await start({ data });
  const done = await first.submit(quick);
  const before = await first.eventsOf(done);
  const { id, reader } = await running(first);
  const key = { "Idempotency-Key": "kept" };
  const waiting = [await first.submit(quick, key), await first.submit(quick)];
  const workers = first.workers();
  expect(workers.length).toBe(2);
  await first.kill("SIGKILL");
  // It could not say goodbye to them.
  const killed = performance.now();
  await until(() => !workers.some(isAlive));
  console.info(`workers gone after ${Math.round(performance.now() - killed)} ms`);

  const second = await start({ data });
  expect(await second.eventsOf(done)).toEqual(before);
  const told = reader.events;
  const after = await second.eventsOf(id);
  expect(after.slice(0, told.length)).toEqual(told);
  expect(after.map(({ seq }) => seq)).toEqual(after.map((_, i) => i + 1));
  expect(after.at(-1)).toMatchObject({ state: "interrupted", failure: { code: "SERVER_STOPPED" } });
  for (const run of waiting) expect((await second.eventsOf(run)).at(-1)).toMatchObject({ state: "succeeded" });
  const repeated = await second.post("/api/runs", quick, key);
  expect([repeated.status, await repeated.json()]).toEqual([200, { id: waiting[0] }]);

  const { graph } = await second.detail(id);
  const set = { "Diffusion Schedule.timestep_respacing": "ddim4", "Wanted shape.classes": "3" };
  const again = await second.submit({ graph, set });
  expect((await second.eventsOf(again)).at(-1)).toMatchObject({ state: "succeeded" });
  await second.kill("SIGTERM");
  expect(await brokenPromises(data, [done, id, ...waiting, again])).toEqual([]);
});

test("what was to go first goes first after a restart, too, and what was put in its place keeps it", async () => {
  const data = temporaryFolder();
  const first = await start({ data });
  await running(first);
  const [a, b, c, d] = [
    await first.submit(tiny),
    await first.submit({ ...tiny, first: true }),
    await first.submit({ ...tiny, first: true }),
    await first.submit(tiny),
  ];
  const order = async (server: TestServer) => {
    const runs = await server.runs();
    const place = (id: string) => runs.find((run) => run.id === id)?.started ?? "";
    return [a, b, c, d, e].sort((one, other) => (place(one) < place(other) ? -1 : 1));
  };
  const moved = await first.request(`/api/runs/${d}/place`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ after: c }),
  });
  expect(moved.status).toBe(200);
  const e = await first.submit({ ...tiny, first: true });
  await first.kill("SIGKILL");
  const second = await start({ data });
  for (const id of [a, b, c, d, e]) await second.eventsOf(id);
  expect(await order(second)).toEqual([e, c, d, b, a]);
});

test("a server that is told to stop marks what it cannot finish and ends with status 0", async () => {
  const data = temporaryFolder();
  const server = await start({ data });
  const { id } = await running(server);
  const waiting = await server.submit(quick);
  expect(await server.kill("SIGTERM")).toBe(0);
  const next = await start({ data });
  expect((await next.eventsOf(id)).at(-1)).toMatchObject({ state: "interrupted" });
  expect((await next.eventsOf(waiting)).at(-1)).toMatchObject({ state: "succeeded" });
});

test("a server that stands still for five seconds finds its run and its readers where they were", async () => {
  const server = await start();
  const { id, reader } = await running(server, {
    ...quick,
    set: { ...quick.set, "Diffusion Schedule.timestep_respacing": "ddim50" },
  });
  server.process.kill("SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  server.process.kill("SIGCONT");
  expect((await server.eventsOf(id)).at(-1)).toMatchObject({ state: "succeeded" });
  if (reader.closed === undefined) expect(await reader.until(isEnd)).toMatchObject({ state: "succeeded" });
  const seen = reader.events.map(({ seq }) => seq);
  expect(seen).toEqual(seen.map((_, i) => i + 1));
});

test("a run that takes too long is ended, and says so", async () => {
  const server = await start({ args: ["--run-deadline", "1s"] });
  const id = await server.submit(long);
  expect((await server.eventsOf(id)).at(-1)).toMatchObject({
    state: "failed",
    failure: { code: "DEADLINE", message: expect.stringMatching(/longer than 1 s,.*--run-deadline/) },
  });
});

test("a port that is taken is named, a data folder is one server's, and a dead one's lock is taken over", async () => {
  const data = temporaryFolder();
  const server = await start({ data });
  const { port } = new URL(server.url);
  const second = spawnServer(["--data", temporaryFolder(), "--port", port]);
  await expect(second.line).rejects.toThrow(`Port ${port} is in use: give another with --port`);
  await expect(spawnServer(["--data", data]).line).rejects.toThrow(/is in use by process \d+/);
  await server.kill("SIGKILL");
  // What an owner of long ago wrote, whose number is another process's now.
  writeFileSync(join(data, "owner.json"), JSON.stringify({ pid: process.pid, host: "elsewhere" }));
  const heir = await start({ data });
  expect((await heir.request("/api/health")).status).toBe(200);
});

test("a backend that does not start is said at once, and ends the server", async () => {
  const { line } = spawnServer(["--data", temporaryFolder(), "--backend", "cuda"]);
  await expect(line).rejects.toMatchObject({ code: 1, message: expect.stringMatching(/Backend cuda does not start/) });
});
