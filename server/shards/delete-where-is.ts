import type { Redis } from "ioredis";

const script = `
  if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
  return redis.call("DEL", KEYS[1])`;

/** Removes a key where it has the text: in one step, since between two another may set it. */
export async function deleteWhereIs(redis: Redis, key: string, text: string): Promise<void> {
  await redis.eval(script, 1, key, text);
}
