/**
 * The shards that are out, as jobs in Redis. Redis is a way and no memory: what it forgets is given out again, and what comes
 * twice counts once, since a result is known by what it is of.
 */
import { type Job, Queue, QueueEvents } from "bullmq";
import type { Redis } from "ioredis";
import type { Say } from "../log/say.ts";
import { drawingNow, heardMs } from "../shards/drawing.ts";
import { withoutBound } from "../shards/redis.ts";
import {
  again,
  batchesText,
  keyOf,
  keys,
  type Outcome,
  outcome,
  prefix,
  queueName,
  type Shard,
  signIn,
} from "../shards/shard.ts";
import type { Desk } from "./desk.ts";
import type { ShardEnd } from "./helped-run.ts";
import { stillOut } from "./still-out.ts";

interface Out {
  readonly shard: Shard;
  readonly settle: (drawn: ShardEnd) => void;
}

/** What a queue tells of: it is heard within seconds, or looked for. */
const eventsKept = 1_000;
/** Runs that are over, of which a machine may still draw something. */
const overKept = 1_000;
/** Shards that have come, of which a machine may still draw one. */
const cameKept = 1_000;
/** A machine that failed at it says so, and another, or the same, gets it after a while. */
const usualAgainMs = 2_000;
/** What fails so often fails wherever it is drawn. Machines that cannot draw it are not counted: one may come that can. */
const maxFailures = 50;
/** What tells of the queue is begun anew after this. */
const listenAgainMs = 1_000;

export class Jobs {
  readonly #redis: Redis;
  readonly #desk: Desk;
  readonly #say: Say;
  readonly #queue: Queue<Shard, Outcome>;
  #events: QueueEvents | undefined;
  #isClosing = false;
  readonly #out = new Map<string, Out>();
  /** What an earlier server gave out, by key: looked for before it is given out again. */
  readonly #begun = new Set<string>();
  /** What Redis does not know, whose result may be there all the same, each with since when. */
  readonly #missing = new Map<string, number>();
  /** How often in a row machines failed at a run. */
  readonly #failures = new Map<string, number>();
  /** Why one refused a run last: it is said once. */
  readonly #refused = new Map<string, string>();
  readonly #againMs: number;

  constructor(redis: Redis, desk: Desk, say: Say, { againMs = usualAgainMs } = {}) {
    this.#redis = redis;
    this.#desk = desk;
    this.#say = say;
    this.#againMs = againMs;
    this.#queue = new Queue(queueName, {
      connection: redis,
      prefix,
      streams: { events: { maxLen: eventsKept } },
      defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    });
    // Told by the connection, once.
    this.#queue.on("error", () => {});
    this.#listen();
  }

  /** Whoever can write to Redis can write an event that ends who reads it: the next one begins behind that. */
  #listen(): void {
    if (this.#isClosing) return;
    const events = new QueueEvents(queueName, { connection: withoutBound(this.#redis), prefix, autorun: false });
    this.#events = events;
    events.on("error", () => {});
    events.on("completed", ({ jobId, returnvalue }) => this.#completed(jobId, returnvalue));
    events.on("failed", ({ jobId, failedReason }) => this.#failed(jobId, failedReason));
    events.on("progress", ({ jobId, data }) => {
      if (data === again && this.#out.has(jobId))
        this.#say("A worker let go of a shard without a word: another draws it again");
    });
    events.run().catch((error: unknown) => {
      if (this.#isClosing) return;
      const why = error instanceof Error ? error.message : String(error);
      this.#say(`What Redis tells of shards could not be read, and is read on behind it: ${why}`, { level: "warn" });
      void events.close().catch(() => {});
      setTimeout(() => this.#listen(), listenAgainMs).unref();
    });
  }

  /** Of an earlier server nothing is left but what machines are at: that. `noted`: what it gave out, as it noted itself. */
  async begin(noted: readonly Shard[] = []): Promise<readonly Shard[]> {
    const locked = await stillOut(this.#queue, this.#redis);
    const drawing = await drawingNow(this.#redis, noted.map(keyOf));
    const all = [...locked, ...noted.filter((_, i) => drawing[i] !== undefined)];
    return [...new Map(all.map((one) => [keyOf(one), one])).values()];
  }

  /** These are out since before: their results may be there, or come. */
  expect(begun: readonly Shard[]): void {
    for (const one of begun) this.#begun.add(keyOf(one));
  }

  /**
   * Has it drawn, whoever does it and however often it has to be given out. One that a machine refused is given back after a
   * while, so that its device may have another run meanwhile. Rejects when `signal` is aborted.
   */
  async draw(shard: Shard, signal: AbortSignal): Promise<ShardEnd> {
    signal.throwIfAborted();
    const key = keyOf(shard);
    let end = () => {};
    this.#desk.note(shard);
    try {
      return await new Promise<ShardEnd>((resolve, reject) => {
        let hasCome = false;
        const takeBack = this.#desk.await(key, (path) => {
          hasCome = true;
          this.#begun.delete(key);
          this.#letGo(shard.run);
          this.#sayCame(key);
          resolve({ path });
        });
        const onAbort = () => reject(signal.reason);
        signal.addEventListener("abort", onAbort, { once: true });
        end = () => {
          takeBack();
          signal.removeEventListener("abort", onAbort);
        };
        // An earlier server gave it out, and its machine has brought it already.
        if (hasCome) return;
        this.#out.set(key, { shard, settle: resolve });
        if (!this.#begun.has(key)) void this.#give(key);
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

  /** Where its lock ran out it waits for another machine, or has one: nobody is to begin it, or to draw it to its end. */
  #sayCame(key: string): void {
    const told = this.#redis.multi().zadd(keys.came, Date.now(), key);
    told.zremrangebyrank(keys.came, 0, -cameKept - 1);
    for (const one of [told.exec(), this.#queue.remove(key)]) one.catch(() => {});
  }

  /** Whoever was told that it is over hears otherwise. */
  async beginRun(run: string): Promise<void> {
    await this.#redis.zrem(keys.over, run);
  }

  /** Nobody draws on at it. */
  async endRun(run: string): Promise<void> {
    this.#letGo(run);
    await this.#redis
      .multi()
      .zadd(keys.over, Date.now(), run)
      .zremrangebyrank(keys.over, 0, -overKept - 1)
      .exec();
  }

  #letGo(run: string): void {
    this.#failures.delete(run);
    this.#refused.delete(run);
  }

  /** What Redis does not know any more is given out again, but what was put already, which is on its way, or what is drawn still. */
  async look(): Promise<void> {
    const out = [...this.#out.keys()];
    if (out.length === 0) return;
    const asked = this.#redis.pipeline();
    for (const key of out) asked.exists(this.#queue.toKey(key));
    const known = (await asked.exec()) ?? [];
    const now = performance.now();
    const missing = out.filter((key, i) => known[i]?.[1] === 0 && this.#desk.isAwaited(key));
    for (const key of this.#missing.keys()) if (!missing.includes(key)) this.#missing.delete(key);
    const drawing = await drawingNow(this.#redis, missing);
    for (const [i, key] of missing.entries()) {
      const since = this.#missing.get(key) ?? now;
      this.#missing.set(key, since);
      // Whoever is at it must have had the time to say so.
      const isHeard = now - since >= heardMs && drawing[i] === undefined;
      if (!isHeard || this.#desk.mayHave(key, since)) continue;
      this.#missing.delete(key);
      await this.#give(key);
    }
  }

  get out(): number {
    return this.#out.size;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.allSettled([this.#events?.close(), this.#queue.close()]);
  }

  /** Without a word to a Redis that answers none. */
  disconnect(): void {
    for (const one of [this.#events, this.#queue]) void one?.disconnect().catch(() => {});
  }

  /** Under its key: twice is once. */
  async #give(key: string): Promise<Job | undefined> {
    const out = this.#out.get(key);
    if (!out) return undefined;
    this.#begun.delete(key);
    // What came of it before was of no use.
    this.#redis.zrem(keys.came, key).catch(() => {});
    return this.#queue.add("shard", out.shard, { jobId: key }).catch(() => undefined);
  }

  #completed(key: string, value: unknown): void {
    const out = this.#out.get(key);
    if (!out) return;
    const read = typeof value === "string" ? signIn(outcome, value) : outcome.safeParse(value).data;
    if (read?.state === "failed") out.settle({ failure: read.failure });
    else if (read?.state === "refused") {
      const { run } = out.shard;
      const { why } = read;
      if (this.#refused.get(run) !== why) this.#sayFailed(why);
      this.#refused.set(run, why);
      // Redis does not know it, and is not to be given it.
      this.#out.delete(key);
      setTimeout(() => out.settle({ refused: why }), this.#againMs).unref();
    }
    // Where another is at it, and comes to its end, it is looked for.
    else if (read?.state !== "elsewhere") this.#desk.told(key);
  }

  #failed(key: string, why: string): void {
    const out = this.#out.get(key);
    if (!out) return;
    const { run } = out.shard;
    const failures = (this.#failures.get(run) ?? 0) + 1;
    this.#failures.set(run, failures);
    if (failures >= maxFailures) {
      const message = `No worker could draw ${batchesText(out.shard)}, in ${maxFailures} attempts. The last one said: ${why.slice(0, 500)}`;
      out.settle({ failure: { code: "GRAPH", message } });
      return;
    }
    this.#sayFailed(why);
    setTimeout(() => void this.#give(key), this.#againMs).unref();
  }

  #sayFailed(why: string): void {
    this.#say(`A worker could not draw a shard, another tries: ${why.slice(0, 500)}`, { level: "warn" });
  }
}
