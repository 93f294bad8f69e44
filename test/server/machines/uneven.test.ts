/**
 * One machine is ten times slower than another, one is stopped for as long as eight locks last, as a laptop that is closed, and
 * comes back while the run goes on. Locks last a twelfth of the usual time.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Queue } from "bullmq";
import { afterAll, expect, test, vi } from "vitest";
import { documentBuilder, writeDocument } from "../../../graphs/document/index.ts";
import { registryWith } from "../../../server/engine/own-nodes.ts";
import { packageRoot } from "../../../server/files/package-root.ts";
import type { Health, Logged } from "../../../server/protocol.ts";
import { prefix, queueName } from "../../../server/shards/shard.ts";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";
import { TestHelper } from "../../support/helper.ts";
import { TestRedis } from "../../support/redis.ts";
import { TestServer } from "../../support/server.ts";

const slow = join(packageRoot, "test", "fixtures", "nodes", "slow.mjs");
const token = "a-secret-of-the-owner-1234";
const batches = 36;
const stoppedMs = 8_000;

const b = documentBuilder(await registryWith([slow]), { title: "Noise" });
const labels = b.add("guidegraph/class-labels", { num_classes: 10, count: 2 }).out("labels");
const x = b.add("guidegraph/gaussian-noise", { labels, height: 16 }).out("x_T");
const decoded = b.add("guidegraph/decode-image", { x }).out("image");
const images = b.add("guidegraph/slow-pictures", { images: decoded, ms: 300 }).out("images");
b.add("guidegraph/save-npz", { images, labels });
b.add("guidegraph/save-png", { images, name: "noise" });
const graph = writeDocument(b.document());

const redis = await TestRedis.start();
const server = await TestServer.start({ args: ["--nodes", slow, "--redis", redis.url, "--only-workers"], token });
const start = (environment: NodeJS.ProcessEnv = {}) =>
  TestHelper.start({
    redis: redis.url,
    server: server.url,
    token,
    args: ["--nodes", slow],
    environment,
    program: "test/fixtures/quick-lock.mjs",
  });
const [quick, slower, stopped] = await Promise.all([start(), start({ SLOWER: "10" }), start()]);
const queue = new Queue(queueName, { connection: { url: redis.url }, prefix });
afterAll(async () => {
  await queue.close();
  await Promise.all([server, quick, slower, stopped].map((one) => one.kill("SIGKILL")));
  await redis.kill();
});

const savedIn = (events: readonly Logged[]): Record<string, string> =>
  Object.fromEntries(events.flatMap((event) => (event.type === "output" ? [[event.name, event.sha256]] : [])));
const workers = async () => (await server.json<Health>("/api/health")).machines?.workers ?? [];

test("the files are those of one machine, each batch is told once, and one shard at most is drawn twice", async () => {
  await expect.poll(async () => (await workers()).filter(({ problem }) => !problem).length).toBe(3);
  const id = await server.submit({ graph, batches });
  const atWork = async () => (await workers()).flatMap(({ devices }) => devices).filter(({ at }) => at?.run === id);
  await expect.poll(async () => (await atWork()).length, { timeout: 20_000 }).toBe(3);
  // While it holds a shard: with all three out, one is its own.
  const isHeld = async () => {
    stopped.process.kill("SIGSTOP");
    if ((await queue.getActiveCount()) === 3) return true;
    stopped.process.kill("SIGCONT");
    return false;
  };
  await expect.poll(isHeld).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, stoppedMs));
  stopped.process.kill("SIGCONT");

  const events = await server.eventsOf(id);
  expect(events.at(-1)).toMatchObject({ type: "run", state: "succeeded" });
  const told = events.flatMap((event) => (event.type === "batch" ? [event.index] : []));
  expect(told).toEqual([...Array(batches).keys()]);
  expect(server.log.filter((line) => line.includes("let go of a shard without a word"))).toHaveLength(1);
  expect((await workers()).every(({ done }) => done > 0)).toBe(true);

  const path = join(temporaryFolder(), "graph.json");
  writeFileSync(path, JSON.stringify(graph));
  vi.stubEnv("SLOWER", "0");
  const here = ["--backend", "cpu", "--nodes", slow, "--out", temporaryFolder(), "--json", "--batches", `${batches}`];
  const alone = (await guidegraph(["run", path, ...here])).out.map((line) => JSON.parse(line) as Logged);
  expect(savedIn(events)).toEqual(savedIn(alone));
  expect(Object.keys(savedIn(events))).toHaveLength(2 * batches + 1);
});
