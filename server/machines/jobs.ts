/**
 * The shards that are out, as jobs in Redis. Redis is a way and no memory: what it forgets is given out again, and what comes
 * twice counts once, since a result is known by what it is of.
 */
import { type Job, Queue, QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import type { Say } from "../log/say.ts";
import { keyOf, keys, type Outcome, outcome, prefix, queueName, type Shard } from "../shards/shard.ts";
import type { Desk } from "./desk.ts";
import type { Drawn } from "./drawing.ts";

interface Out {
  readonly shard: Shard;
  readonly settle: (drawn: Drawn) => void;
}

/** What a queue tells of: it is heard within seconds, or looked for. */
const eventsKept = 1_000;
/** Runs that are over, of which a machine may still draw something. */
const overKept = 1_000;
/** A machine that cannot do it says so, and another, or the same, gets it after a while. */
const againMs = 2_000;

export class Jobs {
  readonly #redis: Redis;
  readonly #desk: Desk;
  readonly #say: Say;
  readonly #queue: Queue<Shard, Outcome>;
  readonly #events: QueueEvents;
  readonly #out = new Map<string, Out>();

  constructor(redis: Redis, desk: Desk, say: Say) {
    this.#redis = redis;
    this.#desk = desk;
    this.#say = say;
    this.#queue = new Queue(queueName, {
      connection: redis,
      prefix,
      streams: { events: { maxLen: eventsKept } },
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    });
    this.#events = new QueueEvents(queueName, { connection: redis.duplicate(), prefix });
    // Told by the connection, once.
    this.#queue.on("error", () => {});
    this.#events.on("error", () => {});
    this.#events.on("completed", ({ jobId, returnvalue }) => this.#completed(jobId, returnvalue));
    this.#events.on("failed", ({ jobId, failedReason }) => this.#failed(jobId, failedReason));
    this.#events.on("stalled", ({ jobId }) => {
      if (this.#out.has(jobId)) this.#say(`A worker let go of a shard without a word: another draws it again`);
    });
  }

  /** Nothing of an earlier server is left. */
  async begin(): Promise<void> {
    await this.#queue.obliterate({ force: true });
  }

  /** Has it drawn, whoever does it and however often it has to be given out. Rejects when `signal` is aborted. */
  async draw(shard: Shard, signal: AbortSignal): Promise<Drawn> {
    signal.throwIfAborted();
    const key = keyOf(shard);
    let end = () => {};
    try {
      return await new Promise<Drawn>((resolve, reject) => {
        const takeBack = this.#desk.await(key, (path) => resolve({ path }));
        const onAbort = () => reject(signal.reason);
        signal.addEventListener("abort", onAbort, { once: true });
        end = () => {
          takeBack();
          signal.removeEventListener("abort", onAbort);
        };
        this.#out.set(key, { shard, settle: resolve });
        void this.#give(key);
      });
    } catch (error) {
      // One that a machine is at stays until that machine hears that it is of no use.
      void this.#queue.remove(key).catch(() => {});
      throw error;
    } finally {
      end();
      this.#out.delete(key);
    }
  }

  /** Whoever was told that it is over hears otherwise. */
  async beginRun(run: string): Promise<void> {
    await this.#redis.zrem(keys.over, run);
  }

  /** Nobody draws on at it. */
  async endRun(run: string): Promise<void> {
    await this.#redis.zadd(keys.over, Date.now(), run);
    await this.#redis.zremrangebyrank(keys.over, 0, -overKept - 1);
  }

  /** What Redis does not know any more is given out again. */
  async look(): Promise<void> {
    const out = [...this.#out.keys()];
    if (out.length === 0) return;
    const asked = this.#redis.pipeline();
    for (const key of out) asked.exists(this.#queue.toKey(key));
    const known = (await asked.exec()) ?? [];
    for (const [i, key] of out.entries()) if (known[i]?.[1] === 0 && this.#desk.isAwaited(key)) await this.#give(key);
  }

  get out(): number {
    return this.#out.size;
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#events.close(), this.#queue.close()]);
  }

  /** Under its key: twice is once. */
  async #give(key: string): Promise<Job | undefined> {
    const out = this.#out.get(key);
    return out && this.#queue.add("shard", out.shard, { jobId: key }).catch(() => undefined);
  }

  #completed(key: string, value: unknown): void {
    const out = this.#out.get(key);
    const read = outcome.safeParse(typeof value === "string" ? JSON.parse(value) : value);
    if (!out) return;
    if (read.data?.state === "failed") out.settle({ failure: read.data.failure });
    // It is there, or another draws it.
    else this.#desk.look(key);
  }

  #failed(key: string, why: string): void {
    if (!this.#out.has(key)) return;
    this.#say(`A worker could not draw a shard, another tries: ${why.slice(0, 500)}`, { level: "warn" });
    setTimeout(() => void this.#give(key), againMs).unref();
  }
}
