/** What an earlier server gave out and machines are at still: their results come to the next one, which gives none of it out again. */
import type { Job, Queue } from "bullmq";
import type { Redis } from "ioredis";
import { keyOf, type Shard, shard } from "../shards/shard.ts";

/** Removes all else that is in the queue. */
export async function stillOut(queue: Queue<Shard>, redis: Redis): Promise<readonly Shard[]> {
  await queue.drain(true);
  const active = (await queue.getActive()).filter((job) => job !== undefined);
  const locked = redis.pipeline();
  for (const { id = "" } of active) locked.exists(`${queue.toKey(id)}:lock`);
  const isLocked = (await locked.exec()) ?? [];
  const shards = active.map((job, i) => (isLocked[i]?.[1] === 1 ? shardIn(job) : undefined));
  await Promise.all(active.map((job, i) => (shards[i] ? undefined : queue.remove(job.id ?? "").catch(() => {}))));
  return shards.filter((one) => one !== undefined);
}

/** Undefined for what is none: whoever can write to Redis can write such. */
function shardIn({ id, data }: Job<Shard>): Shard | undefined {
  const read = shard.safeParse(data);
  return read.success && keyOf(read.data) === id && read.data.from < read.data.to ? read.data : undefined;
}
