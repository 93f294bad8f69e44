/** A connection to Redis that comes back by itself; at the start what is wrong with it is said in one line. */
import { once } from "node:events";
import type { ConnectionOptions } from "bullmq";
import { Redis, type RedisOptions } from "ioredis";
import { ConfigurationError } from "../flags/errors.ts";
import type { Say } from "../log/say.ts";
import { redisName } from "./address.ts";

const connectMs = 5_000;
/**
 * What has no answer for so long fails, and is asked again when it is next looked at: a Redis that takes connections and answers
 * nothing, or is gone, leaves nobody waiting. It answers in milliseconds, and takes a second or two to write its file anew.
 */
const answerMs = 5_000;
/** Between two attempts, at most: who comes back is heard soon. */
const longestRetryMs = 2_000;

/** What a server of Redis says of how it is set up, as far as it matters here. */
export interface RedisState {
  readonly version: string;
  /** "noeviction", or what it removes when its memory is full. */
  readonly policy: string;
  /** Whether each write is logged, and is there after a restart. */
  readonly isKept: boolean;
  readonly usedBytes: number;
}

/** Rejects with a ConfigurationError where there is no Redis, or it lets us not in. */
export async function connectRedis(url: string, say: Say): Promise<Redis> {
  const name = redisName(url);
  for (const line of warningsOf(await lookAtRedis(url))) say(`Redis at ${name} ${line}`, { level: "warn" });
  const redis = new Redis(url, { ...always, retryStrategy: (times) => Math.min(longestRetryMs, 50 * 2 ** times) });
  await once(redis, "ready", { signal: AbortSignal.timeout(connectMs) }).catch(() => {
    redis.disconnect();
    throw new ConfigurationError(`Cannot use Redis at ${name}: it went away while it was asked`);
  });
  let isAway = false;
  redis.on("error", () => {});
  redis.on("close", () => {
    if (!isAway && redis.status !== "end")
      say(`Redis at ${name} is away: no shards are given out or taken until it is back`, { level: "warn" });
    isAway = true;
  });
  redis.on("ready", () => {
    if (isAway) say(`Redis at ${name} is back`);
    isAway = false;
  });
  return redis;
}

/** The same address for a connection that waits there until there is something, however long. */
export function withoutBound({ options }: Redis): ConnectionOptions {
  const { commandTimeout: _, ...rest } = options;
  return rest as ConnectionOptions;
}

const always = { maxRetriesPerRequest: null, enableReadyCheck: true, commandTimeout: answerMs } satisfies RedisOptions;

/** Connects, asks, and lets go. Rejects with a ConfigurationError that says what to do. */
export async function lookAtRedis(url: string): Promise<RedisState> {
  const name = redisName(url);
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: connectMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let last: Error | undefined;
  redis.on("error", (error) => {
    last = error;
  });
  try {
    await redis.connect();
    return stateIn(await redis.info());
  } catch (error) {
    throw new ConfigurationError(`Cannot use Redis at ${name}: ${whyNot((last ?? error) as NodeJS.ErrnoException)}`);
  } finally {
    redis.disconnect();
  }
}

function stateIn(info: string): RedisState {
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? "";
  return {
    version: field("redis_version"),
    policy: field("maxmemory_policy"),
    isKept: field("aof_enabled") === "1",
    usedBytes: Number(field("used_memory")),
  };
}

/** What of it may lose shards, which are then drawn again. */
export const warningsOf = ({ policy, isKept }: RedisState): string[] => [
  ...(policy === "noeviction"
    ? []
    : [`may remove shards when its memory is full (${policy || "unknown policy"}): set maxmemory-policy noeviction`]),
  ...(isKept ? [] : ["forgets its shards when it is started again: set appendonly yes"]),
];

function whyNot({ code, message }: NodeJS.ErrnoException): string {
  if (/WRONGPASS|invalid password|invalid username/i.test(message)) return "it does not know this user and password";
  if (/NOAUTH/.test(message)) return "it asks for a password: redis://:PASSWORD@host:port";
  if (/NOPERM/.test(message))
    return `its user may not do what is needed: allow ~guidegraph:* and +@all -@dangerous +info (${message})`;
  if (code === "ECONNREFUSED") return "nothing listens there: start it, or give another address with --redis";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "there is no such host";
  if (code === "ETIMEDOUT" || /timed? ?out/i.test(message)) return `it did not answer within ${connectMs / 1_000} s`;
  return message;
}
