/** Whether a shard that the queue gave is to be drawn here: another machine may be at it still, though its lock has run out. */
import { setTimeout as wait } from "node:timers/promises";
import type { Job } from "bullmq";
import type { Redis } from "ioredis";
import { drawingNow, heardMs, sayDrawing } from "../shards/drawing.ts";
import { again, keyOf, keys, type Outcome, type Shard, signMs } from "../shards/shard.ts";

export interface WhoseOptions {
  readonly redis: Redis;
  /** Of this machine. */
  readonly id: string;
  /** Whether another device of it draws a shard, by its key. */
  readonly isHere: (key: string) => boolean;
  /** Aborted: it is not waited for any more. */
  readonly signal: AbortSignal;
}

/**
 * "ours": it is drawn from here on, which others are told; a Redis that does not answer has nothing against it,
 * nor has one that was not asked to the end, since `signal` was aborted.
 */
export async function whoseIs(job: Job<Shard, Outcome>, { redis, id, isHere, signal }: WhoseOptions) {
  const key = keyOf(job.data);
  // Whoever had it may have lost nothing but its lock: then it is heard from here on. What it said before it may have died after.
  const began = performance.now();
  const isLost = job.stalledCounter > 0;
  try {
    for (;;) {
      const [over, came] = (await redis.pipeline().zscore(keys.over, job.data.run).zscore(keys.came, key).exec()) ?? [];
      if (typeof over?.[1] === "string" || typeof came?.[1] === "string") return "over";
      const [who = id] = await drawingNow(redis, [key], isLost ? performance.now() - began : heardMs);
      if (isHere(key) || who !== id) return "elsewhere";
      if (!isLost || performance.now() - began >= heardMs) break;
      await wait(signMs, undefined, { signal });
    }
    signal.throwIfAborted();
    const told = redis.multi();
    sayDrawing(told, [key], id);
    await told.exec();
    if (isLost) await job.updateProgress(again);
  } catch {}
  return "ours";
}
