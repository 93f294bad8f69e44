/**
 * A Redis that stands still for longer than a lock, or is emptied: who draws says so again, and nobody else draws it. One device
 * more than there are shards waits for whatever is given out. Locks last a twelfth of the usual time.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, expect, test } from "vitest";
import { documentBuilder, writeDocument } from "../../../graphs/document/index.ts";
import { registryWith } from "../../../server/engine/own-nodes.ts";
import { packageRoot } from "../../../server/files/package-root.ts";
import type { Health } from "../../../server/protocol.ts";
import { temporaryFolder } from "../../support/cli.ts";
import { TestHelper } from "../../support/helper.ts";
import { TestRedis } from "../../support/redis.ts";
import { TestServer } from "../../support/server.ts";

const slow = join(packageRoot, "test", "fixtures", "nodes", "slow.mjs");
const token = "a-secret-of-the-owner-1234";
/** One less than there are machines. */
const batches = 2;
const lockMs = 1_000;
/** Of each run another, so that nobody has its pictures in a cache. */
let seed = 0;

const b = documentBuilder(await registryWith([slow]), { title: "Noise" });
const labels = b.add("guidegraph/class-labels", { num_classes: 10, count: 2 }).out("labels");
const x = b.add("guidegraph/gaussian-noise", { labels, height: 16 }).out("x_T");
const decoded = b.add("guidegraph/decode-image", { x }).out("image");
const images = b.add("guidegraph/slow-pictures", { images: decoded, ms: 0 }).out("images");
b.add("guidegraph/save-npz", { images, labels });
const graph = writeDocument(b.document());

const begun = join(temporaryFolder(), "begun");
const countBegun = () => (existsSync(begun) ? readFileSync(begun, "utf8").split("\n").filter(Boolean).length : 0);
const redis = await TestRedis.start();
const server = await TestServer.start({ args: ["--nodes", slow, "--redis", redis.url, "--only-workers"], token });
const start = () =>
  TestHelper.start({
    ...{ redis: redis.url, server: server.url, token, args: ["--nodes", slow] },
    environment: { GUIDEGRAPH_BEGUN: begun },
    program: "test/fixtures/quick-lock.mjs",
  });
const helpers = await Promise.all([start(), start(), start()]);
afterAll(async () => {
  redis.process.kill("SIGCONT");
  await Promise.all([server, ...helpers].map((one) => one.kill("SIGKILL")));
  await redis.kill();
});
const workers = async () => (await server.json<Health>("/api/health")).machines?.workers ?? [];
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test.each<[string, number, () => Promise<void>]>([
  [
    "stands still for three locks",
    6_000,
    async () => {
      redis.process.kill("SIGSTOP");
      await sleep(3 * lockMs);
      redis.process.kill("SIGCONT");
    },
  ],
  [
    "is emptied",
    6_000,
    async () => {
      const client = new Redis(redis.url);
      await client.flushall();
      client.disconnect();
    },
  ],
])("one that %s costs no shard", async (_, ms, happens) => {
  const [already, said] = [countBegun(), server.log.length];
  await expect.poll(async () => (await workers()).filter(({ problem }) => !problem).length).toBe(3);
  // Each longer than what happens.
  const set = { "Slow Pictures.ms": ms, "Gaussian Noise.seed": ++seed };
  const id = await server.submit({ graph, batches, set });
  await expect.poll(() => countBegun() - already).toBe(batches);
  await happens();
  const events = await server.eventsOf(id);
  expect(events.at(-1)).toMatchObject({ type: "run", state: "succeeded" });
  expect(events.flatMap((event) => (event.type === "batch" ? [event.index] : []))).toEqual([0, 1]);
  expect(countBegun() - already).toBe(batches);
  expect(server.log.slice(said).join("\n")).not.toMatch(/without a word|could not draw/);
  expect(helpers.flatMap(({ log }) => log).join("\n")).not.toMatch(/in vain|Let go of/);
});
