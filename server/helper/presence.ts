/**
 * What a machine that helps says to Redis again and again, and what it hears there: who it is, and what it is at; whether there is
 * a server that it may help, and which of what it is at is of no use any more.
 */
import type { Redis } from "ioredis";
import type { StillThere } from "../files/still-there.ts";
import type { Say } from "../log/say.ts";
import { sayDrawing } from "../shards/drawing.ts";
import { goodbye } from "../shards/goodbye.ts";
import type { RefusedByRedis } from "../shards/redis-words.ts";
import { keyOf, keys, leaseMs, leaving, mismatch, serverSign, signIn, signMs } from "../shards/shard.ts";
import { drawnOf, type OwnState, ownSign } from "./own-sign.ts";

export interface PresenceOptions {
  readonly redis: Redis;
  /** Hears what Redis does not do. */
  readonly refused: RefusedByRedis;
  /** What it works in. */
  readonly own: Pick<StillThere, "look">;
  readonly state: () => Omit<OwnState, "idle">;
  /** It takes shards from here on where there is no reason `why` it should not; called each time, whether or not that is news. */
  readonly takes: (why: string | undefined) => void;
  readonly say: Say;
}

/** A Redis that was full, or answered nothing, has lost the server's sign, which comes again. */
const missedMs = 4 * signMs;

/** It is of no use any more. */
export class Over extends Error {}

export class Presence {
  readonly #options: PresenceOptions;
  /** Undefined when it takes shards; whichever it is at first, it is said. */
  #idle: string | undefined = "it has not looked for a server yet";
  /** Since when there is no sign of the server. */
  #missedAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #signing: Promise<void> = Promise.resolve();
  #isLeaving = false;

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** Why it takes no shards; undefined when it takes them. */
  get idle(): string | undefined {
    return this.#idle;
  }

  begin(): void {
    this.#signing = this.#signOnce().catch(() => {});
    void this.#signing.then(() => {
      if (!this.#isLeaving) this.#timer = setTimeout(() => this.begin(), signMs);
    });
  }

  /** Takes nothing any more. */
  leave(): void {
    this.#isLeaving = true;
    clearTimeout(this.#timer);
    this.#idle = leaving;
  }

  /** Whether Redis is there, and what was on its way to it has come. */
  async isHeard(): Promise<boolean> {
    return this.#options.redis.status === "ready" && goodbye(() => this.#signing);
  }

  /** Whether Redis has heard that it has left. */
  sayLeft(): Promise<boolean> {
    return goodbye(() => this.#signOnce());
  }

  async #signOnce(): Promise<void> {
    const { redis, refused, own } = this.#options;
    const amiss = await own.look();
    if (redis.status !== "ready") return;
    await refused.hear(this.#tellRedis(amiss));
  }

  async #tellRedis(amiss: string | undefined): Promise<void> {
    const { redis, state, takes, say } = this.#options;
    const idle = await this.#idleBy(amiss);
    const own = state();
    const { id } = own;
    // First: what a Redis tells of a server that takes nothing, a full one, is no news of the server.
    const told = redis.multi().sadd(keys.helpers, id);
    told.set(keys.helper(id), JSON.stringify(ownSign({ ...own, idle })), "PX", leaseMs);
    sayDrawing(told, shardsOf(own), id);
    await told.exec();
    if (!this.#isLeaving) {
      if (idle !== this.#idle) say(idle === undefined ? "Takes shards" : `Takes no shards: ${idle}`);
      this.#idle = idle;
      takes(idle);
    }
    await this.#hearOver();
  }

  /** Why it takes no shards, by what Redis has of the server. */
  async #idleBy(amiss: string | undefined): Promise<string | undefined> {
    if (this.#isLeaving) return this.#idle;
    const server = signIn(serverSign, await this.#options.redis.get(keys.server));
    const now = performance.now();
    if (server) this.#missedAt = undefined;
    else this.#missedAt ??= now;
    if (amiss !== undefined) return amiss;
    if (server) return mismatch(server, this.#options.state());
    const isShort = this.#idle === undefined && now - (this.#missedAt ?? now) < missedMs;
    return isShort ? undefined : "there is no server";
  }

  /** Lets go of runs that are over, and of shards that have come from others. */
  async #hearOver(): Promise<void> {
    const { redis, state } = this.#options;
    const own = state();
    const atWork = drawnOf(own);
    if (atWork.length === 0) return;
    const [over, came] = await Promise.all([
      redis.zmscore(keys.over, ...atWork.map(({ shard }) => shard.run)),
      redis.zmscore(keys.came, ...shardsOf(own)),
    ]);
    for (const [i, { cancel, isOnItsWay }] of atWork.entries()) {
      if (over[i] !== null) cancel.abort(new Over("it is over"));
      // What is on its way may be what has come.
      else if (came[i] !== null && !isOnItsWay) cancel.abort(new Over("it has come from another"));
    }
  }
}

/** Keys of what is drawn. */
export const shardsOf = (state: Pick<OwnState, "atWork">): readonly string[] =>
  drawnOf(state).map(({ shard }) => keyOf(shard));
