/** Runs that other machines draw, by a real Redis: the files are those of one machine, whatever becomes of whom. */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { documentBuilder, writeDocument } from "../../../graphs/document/index.ts";
import { registryWith } from "../../../server/engine/own-nodes.ts";
import { packageRoot } from "../../../server/files/package-root.ts";
import { decodePreview, type Health, type Logged, type WorkerHealth } from "../../../server/protocol.ts";
import { temporaryFolder } from "../../support/cli.ts";
import { TestHelper } from "../../support/helper.ts";
import { TestRedis } from "../../support/redis.ts";
import { quick, TestServer } from "../../support/server.ts";

const slow = join(packageRoot, "test", "fixtures", "nodes", "slow.mjs");
const registry = await registryWith([slow]);
const token = "a-secret-of-the-owner-1234";
const batches = 24;

/** Noise as pictures, three a batch, with labels: no model, and a while for each batch. */
function noise({
  ms = 60,
  fails = false,
  generator = "philox",
}: {
  readonly ms?: number;
  readonly fails?: boolean;
  readonly generator?: string;
} = {}): object {
  const b = documentBuilder(registry, { title: "Noise" });
  const labels = b.add("guidegraph/class-labels", { num_classes: 10, count: 3 }).out("labels");
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "5" }).out("schedule");
  const x = b.add("guidegraph/gaussian-noise", { schedule, batch: 3, height: 16, generator }).out("x_T");
  const decoded = b.add("guidegraph/decode-image", { x }).out("image");
  const images = b.add("guidegraph/slow-pictures", { images: decoded, ms, fails }).out("images");
  b.add("guidegraph/save-npz", { images, labels, num_samples: 70 });
  b.add("guidegraph/save-png", { images, name: "noise" });
  return writeDocument(b.document());
}

const savedIn = (events: readonly Logged[]): Record<string, string> =>
  Object.fromEntries(events.flatMap((event) => (event.type === "output" ? [[event.name, event.sha256]] : [])));

/** What it saved, when it is over: each batch was told once, in order, and no number is missing. */
async function end(server: TestServer, id: string): Promise<Record<string, string>> {
  const events = await server.eventsOf(id);
  expect(events.at(-1)).toMatchObject({ type: "run", state: "succeeded" });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  const told = events.flatMap((event) => (event.type === "batch" ? [event.index] : []));
  expect(told).toEqual([...Array(batches).keys()]);
  return savedIn(events);
}
const ran = async (server: TestServer, body: object) => end(server, await server.submit(body));

/** A model and its card, under names that no other machine has. */
const models = temporaryFolder();
mkdirSync(join(models, "own"));
for (const kind of ["pt", "json"])
  copyFileSync(join(packageRoot, "models", `shapes32_diffusion.${kind}`), join(models, "own", `net.${kind}`));

const redis = await TestRedis.start();
const server = await TestServer.start({
  args: ["--nodes", slow, "--redis", redis.url, "--only-workers", "--models", models],
  token,
});
const alone = TestServer.start({ args: ["--nodes", slow] });
const helpers: TestHelper[] = [];
async function helper(...args: string[]): Promise<TestHelper> {
  const started = await TestHelper.start({
    redis: redis.url,
    server: server.url,
    token,
    args: ["--nodes", slow, ...args],
  });
  helpers.push(started);
  return started;
}
const alive = () => helpers.filter(({ process }) => process.exitCode === null && process.signalCode === null);
/** So many machines that help, or as many as there are: in place of those that a test ended come others. */
async function helping(count: number, ...args: string[]): Promise<readonly TestHelper[]> {
  while (alive().length < count) await helper(...args);
  return alive();
}
afterAll(async () => {
  await Promise.all([...helpers, server, await alone].map((one) => one.kill("SIGKILL")));
  await redis.kill();
});
const wanted = alone.then((one) => ran(one, { graph: noise(), batches }));
/** So slow that something can happen meanwhile. */
const slowly = { graph: noise({ ms: 250 }), batches };
const wantedSlowly = wanted.then(async () => ran(await alone, slowly));

const workers = async (): Promise<readonly WorkerHealth[]> =>
  (await server.json<Health>("/api/health")).machines?.workers ?? [];
/** What devices of others draw of a run. */
const atWork = async (run: string) =>
  (await workers()).flatMap(({ devices }) => devices).filter(({ at }) => at?.run === run);
const shardsDone = async () => (await workers()).reduce((sum, { done }) => sum + done, 0);

test("machines that cannot draw what the server would draw nothing, both sides say why, and others draw", async () => {
  await Promise.all(alive().map((one) => one.kill("SIGTERM")));
  const odd = {
    "--precision, are others on this machine": ["--nodes", slow, "--precision", "float"],
    "cannot draw what the server can: ": [],
    "The disk of this worker is full": ["--nodes", slow],
  };
  const full = join(temporaryFolder(), "fails");
  writeFileSync(full, "open ENOSPC outputs");
  const preload = pathToFileURL(join(packageRoot, "test", "fixtures", "failing-fs.mjs"));
  const environment = { NODE_OPTIONS: `--import=${preload}`, GUIDEGRAPH_FAILS: full };
  const where = { redis: redis.url, server: server.url, token };
  const those = await Promise.all(
    Object.entries(odd).map(async ([why, args]) => ({
      why,
      machine: await TestHelper.start({ ...where, args, ...(why.includes("disk") && { environment }) }),
    })),
  );
  onTestFinished(async () => {
    await Promise.all(those.map(({ machine }) => machine.kill("SIGKILL")));
  });
  const id = await server.submit({ graph: noise(), batches });
  for (const { why, machine } of those) {
    const said = () => machine.log.find((line) => line.includes(why));
    await expect.poll(said, { timeout: 60_000 }).toMatch(/Draws nothing of run .+ until it can: looks again after/);
    expect(machine.log.slice(0, 2).join("\n")).toMatch(/^Helps by .+\nTakes shards/);
    await expect
      .poll(() => server.log.find((line) => line.includes(why)), { timeout: 20_000 })
      .toMatch(/another tries/);
  }
  // What is full there is not full here.
  expect(await server.json("/api/health")).toMatchObject({ disk: { state: "ok" } });
  const reasons = async () => (await server.json<Health>("/api/health")).reasons.join("\n");
  await expect
    .poll(reasons, { timeout: 20_000 })
    .toMatch(new RegExp(`^Run ${id} waits, since nobody who is there can draw it: .+`, "m"));
  // One of them stays in the way of who can: each shard that it refuses waits for seconds.
  await Promise.all(those.slice(1).map(({ machine }) => machine.kill("SIGTERM")));
  await helping(1);
  expect(await end(server, id)).toEqual(await wanted);
});

test("on one machine that helps, two, and four devices, the files are those of one", async () => {
  const files = await wanted;
  expect(Object.keys(files)).toHaveLength(3 * batches + 1);
  expect(Object.keys(files)).toContain("samples_70x16x16x3.npz");
  await helping(1);
  expect(await ran(server, { graph: noise(), batches })).toEqual(files);
  await helping(2);
  expect(await ran(server, { graph: noise(), batches })).toEqual(files);
  await helping(3, "--devices", "cpu*2");
  expect(await ran(server, { graph: noise(), batches })).toEqual(files);
  expect(await shardsDone()).toBeGreaterThan(6);
});

test("the same body twice at once is two runs, and each has all its files", async () => {
  await helping(1);
  const body = { graph: noise(), batches };
  expect(await Promise.all([ran(server, body), ran(server, body)])).toEqual([await wanted, await wanted]);
});

test("a model that a machine lacks comes with its card from the server, once", async () => {
  await helping(1);
  const set = { ...quick.set, "Load UNet.file": "own/net.pt", "Diffusion Schedule.timestep_respacing": "ddim2" };
  const id = await server.submit({ graph: quick.graph, set, batches: 3 });
  const files = savedIn(await server.eventsOf(id));
  expect(Object.keys(files)).toHaveLength(4);
  // What has come is shown as what is drawn here is.
  const shown = Buffer.from(await (await server.request(`/api/runs/${id}/previews`)).arrayBuffer());
  const { run, batches: of, batch = -1 } = decodePreview(shown.subarray(4, 4 + shown.readUInt32LE(0)));
  expect([run, of, batch >= 0]).toEqual([id, 3, true]);
  const came = helpers.filter(({ data }) => existsSync(join(data, "worker", "models", "own", "net.pt")));
  expect(came.length).toBeGreaterThan(0);
  for (const { data, log } of came) {
    expect(existsSync(join(data, "worker", "models", "own", "net.json"))).toBe(true);
    expect(log.filter((line) => line.includes('"own/net.pt"'))).toHaveLength(1);
  }
});

test("torch's one long sequence is one as well, whichever machine draws what of it", async () => {
  await helping(1);
  const torch = { graph: noise({ generator: "torch" }), batches };
  expect(await ran(server, torch)).toEqual(await ran(await alone, torch));
});

test("a run that is cancelled is let go of by those who draw it", async () => {
  await helping(1);
  const id = await server.submit({ graph: noise({ ms: 2_000 }), batches: 40 });
  await expect.poll(() => atWork(id), { timeout: 20_000 }).not.toEqual([]);
  await server.cancel(id);
  expect((await server.eventsOf(id)).at(-1)).toMatchObject({ state: "cancelled" });
  await expect.poll(() => atWork(id), { timeout: 20_000 }).toEqual([]);
});

test("a graph that fails there fails the run, in its own words", async () => {
  await helping(1);
  const id = await server.submit({ graph: noise({ fails: true }), batches });
  expect((await server.eventsOf(id)).at(-1)).toMatchObject({ state: "failed", failure: { code: "GRAPH" } });
});

test("machines that are killed and stopped, and a Redis that ends, cost a shard each and no sample", async () => {
  const [killed, stopped] = await helping(2);
  const said = server.log.length;
  const id = await server.submit(slowly);
  await expect.poll(async () => (await atWork(id)).length, { timeout: 20_000 }).toBeGreaterThan(1);
  await killed.kill("SIGKILL");
  stopped.process.kill("SIGSTOP");
  await redis.kill();
  await redis.startAgain();
  expect(await end(server, id)).toEqual(await wantedSlowly);
  stopped.process.kill("SIGCONT");
  const again = server.log.slice(said).filter((line) => line.includes("without a word"));
  expect(again.length).toBeLessThanOrEqual(2);
  expect(server.log.slice(said).filter((line) => /Redis .* is (away|back)/.test(line))).toHaveLength(2);
  // It is of use again.
  expect(await ran(server, { graph: noise(), batches })).toEqual(await wanted);
  await expect.poll(async () => (await workers()).length, { timeout: 60_000 }).toBe(alive().length);
});

test("jobs and signs of life that are none do nothing, and a machine of another version is told why", async () => {
  await helping(1);
  const client = new Redis(redis.url, { maxRetriesPerRequest: null });
  const queue = new Queue("shards", { connection: client, prefix: "guidegraph" });
  try {
    const data = { run: "../../etc", order: "0".repeat(64), from: 0, to: 1 };
    for (const job of [data, { ...data, path: "/etc/passwd" }, "nothing"])
      await queue.add("shard", job, { removeOnFail: 10 });
    await expect.poll(() => queue.getFailedCount(), { timeout: 20_000 }).toBe(3);
    expect((await queue.getFailed()).map(({ failedReason }) => failedReason)).toEqual(
      Array(3).fill("This is no shard"),
    );
    const old = { id: "old", name: "old-machine", version: "0.0.1", protocol: 1, devices: [], done: 0, failed: 0 };
    for (const [id, sign] of Object.entries({
      old: JSON.stringify(old),
      odd: "{",
      more: JSON.stringify({ ...old, id: 3 }),
    }))
      await client.multi().sadd("guidegraph:helpers", id).set(`guidegraph:helper:${id}`, sign, "PX", 5_000).exec();
    await expect
      .poll(async () => (await workers()).find(({ name }) => name === "old-machine")?.problem)
      .toMatch(
        /^the server is GuideGraph .*, the worker GuideGraph 0\.0\.1 \(protocol 1\).*: install one version on both$/,
      );
    expect(server.log.filter((line) => line.includes("old-machine"))).toEqual([
      expect.stringContaining("gets no shards"),
    ]);
    expect((await workers()).map(({ name }) => name)).not.toContain(3);
    // All that is left of 50,000 pictures: nothing grows with them.
    expect(await client.memory("USAGE", "guidegraph:shards:events")).toBeLessThan(500_000);
  } finally {
    await queue.close();
    client.disconnect();
  }
});

test("a machine that is told to end gives back what it is at", async () => {
  const [last] = (await helping(2)).slice(-1);
  const id = await server.submit(slowly);
  await expect.poll(async () => (await atWork(id)).length, { timeout: 20_000 }).toBeGreaterThan(1);
  expect(await last.kill("SIGTERM")).toBe(0);
  expect(last.log.join("\n")).toMatch(/Gave back batch.*: The worker was ended\n(.*\n)*Ends: .*; gave back batch/);
  expect(await end(server, id)).toEqual(await wantedSlowly);
});
