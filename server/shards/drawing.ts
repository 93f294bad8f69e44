/**
 * Who is at which shard, as that machine itself says, again and again. A lock of the queue may run out under one that draws on: a
 * Redis stood still for longer, or was emptied. By this the others know that it does, and leave it alone.
 */
import type { ChainableCommander, Redis } from "ioredis";
import { deleteWhereIs } from "./delete-where-is.ts";
import { keys, leaseMs, signMs } from "./shard.ts";

/** What was said longer ago says nothing: a machine that is cut off is heard again in less, its next attempt and a sign. */
export const heardMs = 4 * signMs;

/** `who` is at these shards, by their keys. */
export function sayDrawing(to: ChainableCommander, shards: readonly string[], who: string): void {
  for (const key of shards) to.set(keys.drawing(key), who, "PX", leaseMs);
}

/** `who` is at it no more; whoever has said meanwhile that it is, still is. */
export const sayLetGo = (redis: Redis, shard: string, who: string): Promise<void> =>
  deleteWhereIs(redis, keys.drawing(shard), who);

/** Of each shard, by its key, who is at it, and said so within that time. */
export async function drawingNow(
  redis: Redis,
  shards: readonly string[],
  withinMs: number = heardMs,
): Promise<readonly (string | undefined)[]> {
  const asked = redis.pipeline();
  for (const key of shards) asked.get(keys.drawing(key)).pttl(keys.drawing(key));
  const told = (await asked.exec()) ?? [];
  return shards.map((_, i) => {
    const [who, leftMs] = [told[2 * i]?.[1], told[2 * i + 1]?.[1]];
    return typeof who === "string" && leaseMs - Number(leftMs) < withinMs ? who : undefined;
  });
}
