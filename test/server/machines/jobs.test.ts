/** What a server hears of its shards by a real Redis, to which others write too. */
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, expect, test } from "vitest";
import { Desk } from "../../../server/machines/desk.ts";
import { Jobs } from "../../../server/machines/jobs.ts";
import { prefix, queueName, type Shard } from "../../../server/shards/shard.ts";
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
