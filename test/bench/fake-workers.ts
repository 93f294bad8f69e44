/** Machines that draw nothing: each takes a shard and puts a byte under its key. Started by machines.ts. */
import { writeFileSync } from "node:fs";
import { Worker } from "bullmq";
import { Redis } from "ioredis";
import { placesIn } from "../../server/shards/exchange.ts";
import {
  keys,
  leaseMs,
  type Outcome,
  prefix,
  protocol,
  queueName,
  type Shard,
  signMs,
} from "../../server/shards/shard.ts";

const [url, folder, count, first] = process.argv.slice(2);
/** A connection each would be as many as Redis takes, and says nothing more. */
const devicesEach = 10;

const redis = new Redis(url, { maxRetriesPerRequest: null });
const { result } = placesIn(folder);
const ids = Array.from({ length: Number(count) / devicesEach }, (_, i) => `fake-${first}-${i}`);
const devices = Array.from({ length: devicesEach }, (_, i) => ({ name: `cpu#${i}` }));

for (const name of ids)
  new Worker<Shard, Outcome>(
    queueName,
    async ({ id = "" }) => {
      writeFileSync(result(id), "x");
      return { state: "put" };
    },
    { connection: redis.duplicate(), prefix, name, concurrency: devicesEach, drainDelay: 1 },
  ).on("error", () => {});

const sign = async () => {
  const signs = redis.pipeline().sadd(keys.helpers, ...ids);
  for (const id of ids) {
    const text = JSON.stringify({ id, name: id, version: "0", protocol, devices, done: 0, failed: 0 });
    signs.set(keys.helper(id), text, "PX", leaseMs);
  }
  await signs.exec();
  setTimeout(() => void sign(), signMs);
};
await sign();
process.send?.("ready");
