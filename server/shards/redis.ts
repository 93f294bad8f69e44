/** A connection to Redis that comes back by itself; at the start what is wrong with it is said in one line. */
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import type { ConnectionOptions } from "bullmq";
import { Redis, type RedisOptions } from "ioredis";
import { ConfigurationError } from "../flags/errors.ts";
import type { Say } from "../log/say.ts";
import { redisName } from "./address.ts";
import { isBrokenOff, mayPass, RefusedByRedis, whyNoRedis } from "./redis-words.ts";
import { prefix } from "./shard.ts";
import { saidUnasked } from "./unasked.ts";
import { NotThere, whenThere } from "./when-there.ts";

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

export interface Connected {
  readonly redis: Redis;
  /** What goes wrong with what it is asked is told there. */
  readonly refused: RefusedByRedis;
}

/** Rejects with a ConfigurationError where it is no Redis, or lets us not in. One that is not there yet, is full, or reads its file is waited for. */
export async function connectRedis(url: string, say: Say, signal?: AbortSignal): Promise<Connected> {
  const name = redisName(url);
  const loading = () => say(`Redis at ${name} is reading its file, and is waited for`, { level: "warn" });
  const state = await whenThere(() => lookAtRedis(url, { loading, signal }), { say, signal });
  for (const line of warningsOf(state)) say(`Redis at ${name} ${line}`, { level: "warn" });
  const redis = new Redis(url, { ...always, retryStrategy: (times) => Math.min(longestRetryMs, 50 * 2 ** times) });
  await once(redis, "ready", { signal: AbortSignal.timeout(connectMs) }).catch(() => {
    redis.disconnect();
    throw new ConfigurationError(`Cannot use Redis at ${name}: it went away while it was asked`);
  });
  let isAway = false;
  const refused = new RefusedByRedis(url, say, () => redis.status === "ready");
  // Why it is away is heard of the attempts to reach it again.
  redis.on("error", (error) => {
    if (isAway) refused.failed(error);
  });
  redis.on("close", () => {
    if (!isAway && redis.status !== "end")
      say(`Redis at ${name} is away: no shards are given out or taken until it is back`, { level: "warn" });
    isAway = true;
  });
  redis.on("ready", () => {
    if (isAway) say(`Redis at ${name} is back`);
    refused.forget();
    isAway = false;
  });
  return { redis, refused };
}

/** The same address for a connection that waits there until there is something, however long. */
export function withoutBound({ options }: Redis): ConnectionOptions {
  const { commandTimeout: _, ...rest } = options;
  return rest as ConnectionOptions;
}

const always = { maxRetriesPerRequest: null, enableReadyCheck: true, commandTimeout: answerMs } satisfies RedisOptions;

export interface LookOptions {
  readonly withinMs?: number;
  /** Told once that it reads its file, until which it is waited for, however long; absent: that is wrong, too. */
  readonly loading?: (() => void) | undefined;
  /** Of the wait: rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** It says how many seconds are left, which is more than it knows. */
const loadingMs = 500;

/** Connects, asks, and lets go. Rejects with a ConfigurationError that says what to do. */
export async function lookAtRedis(
  url: string,
  { withinMs = connectMs, loading, signal }: LookOptions = {},
): Promise<RedisState> {
  const name = redisName(url);
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: withinMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    // Whether it is ready is asked below: that it reads its file is an answer.
    enableReadyCheck: false,
  });
  const wrong: NodeJS.ErrnoException[] = [];
  redis.on("error", (error) => wrong.push(error));
  // What takes a connection and says nothing would be waited for without end.
  const soon = async <T>(ask: () => Promise<T>): Promise<T> => {
    const late = setTimeout(() => {
      wrong.push(Object.assign(new Error("timed out"), { code: "ETIMEDOUT" }));
      redis.disconnect();
    }, withinMs);
    return ask().finally(() => clearTimeout(late));
  };
  try {
    let info = await soon(async () => {
      await redis.connect();
      return redis.info();
    });
    if (isLoading(info)) {
      if (!loading) throw new Error("LOADING");
      loading();
    }
    while (isLoading(info)) {
      await wait(loadingMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
      info = await soon(() => redis.info());
    }
    // It goes on in the first database where there is none of this number, and says so to nobody.
    await soon(() => redis.select(redis.options.db ?? 0));
    // One that lets itself be read may take no writes: a replica, or one whose memory or disk is full.
    await soon(() => redis.set(`${prefix}:asked`, "", "PX", askedMs));
    return stateIn(info);
  } catch (error) {
    signal?.throwIfAborted();
    wrong.push(error as NodeJS.ErrnoException);
    if (wrong.every(isBrokenOff)) wrong.push(new Error(await saidUnasked(url, withinMs)));
    const why = whyNoRedis(wrong.reverse(), name.startsWith("rediss:"));
    const Kind = mayPass(wrong) ? NotThere : ConfigurationError;
    throw new Kind(`Cannot use Redis at ${name}: ${why}`);
  } finally {
    redis.disconnect();
  }
}

/** What is written to see whether it can be is gone after this. */
const askedMs = 1_000;

const isLoading = (info: string): boolean => /^loading:1/m.test(info);

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
