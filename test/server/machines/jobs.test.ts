/** What a server hears of its shards by a real Redis, to which others write too. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, expect, test } from "vitest";
import { Desk } from "../../../server/machines/desk.ts";
import { Jobs } from "../../../server/machines/jobs.ts";
import { keyOf, prefix, queueName, type Shard } from "../../../server/shards/shard.ts";
import { temporaryFolder } from "../../support/cli.ts";
import { TestRedis } from "../../support/redis.ts";

const server = await TestRedis.start();
const redis = new Redis(server.url, { maxRetriesPerRequest: null });
afterAll(async () => {
  redis.disconnect();
  await server.kill();
});

const shard: Shard = { run: "r", order: "0".repeat(64), from: 0, to: 1 };
const failure = { code: "GRAPH" as const, message: "It is the graph" };

test("machines that refuse it give it back, said once and however often, and one that can draws it at last", async () => {
  const desk = new Desk(temporaryFolder());
  const said: string[] = [];
  const jobs = new Jobs(redis, desk, (line) => said.push(line), { againMs: 1 });
  // What is told before the reader has begun is not heard, and looked for.
  const looking = setInterval(() => void jobs.look(), 100);
  let tries = 0;
  const worker = new Worker(
    queueName,
    async () => {
      if (++tries <= 60) return { state: "refused", why: "It lacks a node" };
      const { folder, name } = desk.placeOf(keyOf(shard));
      writeFileSync(join(folder, name), "rows");
      return { state: "put" };
    },
    { connection: redis, prefix },
  );
  const { signal } = new AbortController();
  let drawn = await jobs.draw(shard, signal);
  for (let i = 0; i < 60 && "refused" in drawn; i++) {
    expect([drawn, jobs.out]).toEqual([{ refused: "It lacks a node" }, 0]);
    drawn = await jobs.draw(shard, signal);
  }
  expect(drawn).toEqual({ path: join(desk.folder, "results", keyOf(shard)) });
  clearInterval(looking);
  expect(said).toEqual(["A worker could not draw a shard, another tries: It lacks a node"]);
  await Promise.all([worker.close(true), jobs.close()]);
});

test("events that are none are passed over, and what comes behind them is heard", async () => {
  const said: string[] = [];
  const jobs = new Jobs(redis, new Desk(temporaryFolder()), (line) => said.push(line));
  const queue = new Queue<Shard>(queueName, { connection: redis, prefix });
  await queue.waitUntilReady();
  const events = queue.toKey("events");
  const drawn = jobs.draw(shard, new AbortController().signal);
  await expect.poll(() => queue.getWaitingCount()).toBe(1);
  // The reader begins behind what was there.
  await new Promise((resolve) => setTimeout(resolve, 300));
  await redis.xadd(events, "*", "event", "completed", "jobId", "x", "returnvalue", '"abc"');
  await redis.xadd(events, "*", "event", "completed", "jobId", "x", "returnvalue", "notjson");
  await expect.poll(() => said.join(), { timeout: 10_000 }).toMatch(/could not be read, and is read on behind it/);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const worker = new Worker(queueName, async () => ({ state: "failed", failure }), {
    connection: redis,
    prefix,
  });
  expect(await drawn).toEqual({ failure });
  await Promise.all([worker.close(true), queue.close(), jobs.close()]);
});
