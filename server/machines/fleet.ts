/** Which machines help, by the signs of life that they give, and the one server that they help. */
import { hostname } from "node:os";
import type { Redis } from "ioredis";
import { ConfigurationError } from "../flags/errors.ts";
import type { Say } from "../log/say.ts";
import {
  type HelperSign,
  helperSign,
  keys,
  leaseMs,
  leaving,
  mismatch,
  type ServerSign,
  serverSign,
  signIn,
} from "../shards/shard.ts";

interface Known {
  readonly sign: HelperSign;
  /** When it was last heard. */
  heard: number;
  readonly problem: string | undefined;
}

export interface FleetOptions {
  readonly redis: Redis;
  readonly sign: ServerSign;
  readonly say: Say;
  readonly now?: () => number;
}

export class Fleet {
  readonly #redis: Redis;
  readonly #sign: ServerSign;
  readonly #say: Say;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();

  constructor({ redis, sign, say, now = () => performance.now() }: FleetOptions) {
    this.#redis = redis;
    this.#sign = sign;
    this.#say = say;
    this.#now = now;
    // While it was away nobody could give a sign.
    redis.on("ready", () => {
      for (const known of this.#known.values()) known.heard = this.#now();
    });
  }

  /** Takes the place of the server. Rejects with a ConfigurationError where another has it. */
  async lead(): Promise<void> {
    const text = JSON.stringify(this.#sign);
    if ((await this.#redis.set(keys.server, text, "PX", leaseMs, "NX")) === "OK") return;
    const other = signIn(serverSign, await this.#redis.get(keys.server));
    if (other && other.id !== this.#sign.id)
      throw new ConfigurationError(
        `Another server (${other.id}) has this database of Redis: end it and wait ${leaseMs / 1_000} s, or give another with --redis, such as redis://host:6379/1`,
      );
    await this.#redis.set(keys.server, text, "PX", leaseMs);
  }

  /** Gives the sign of life of the server, and hears those of helpers. */
  async look(): Promise<void> {
    await this.#redis.set(keys.server, JSON.stringify(this.#sign), "PX", leaseMs);
    const ids = await this.#redis.smembers(keys.helpers);
    const texts = ids.length === 0 ? [] : await this.#redis.mget(ids.map(keys.helper));
    const gone = ids.filter((_, i) => texts[i] === null);
    if (gone.length > 0) await this.#redis.srem(keys.helpers, ...gone);
    for (const text of texts) {
      const sign = signIn(helperSign, text);
      if (sign) this.#hear(sign);
    }
    for (const [id, { heard, sign }] of this.#known)
      if (this.#now() - heard > leaseMs || (gone.includes(id) && this.#hasLeft(sign))) this.#forget(id, sign);
  }

  /** All that are there, with why one of them gets no shards. */
  get helpers(): readonly { readonly sign: HelperSign; readonly problem?: string | undefined }[] {
    return [...this.#known.values()];
  }

  /** How many devices draw. */
  get size(): number {
    return [...this.#known.values()].reduce((sum, { sign, problem }) => {
      return problem === undefined && sign.idle === undefined ? sum + sign.devices.length : sum;
    }, 0);
  }

  /** Its place is free. */
  async end(): Promise<void> {
    const other = signIn(serverSign, await this.#redis.get(keys.server));
    if (other?.id === this.#sign.id) await this.#redis.del(keys.server);
  }

  #hear(sign: HelperSign): void {
    const before = this.#known.get(sign.id);
    const problem = mismatch(this.#sign, sign);
    this.#known.set(sign.id, { sign, heard: this.#now(), problem });
    if (before) return;
    const devices = sign.devices.map(({ name }) => name).join(", ");
    if (problem === undefined) this.#say(`Worker ${sign.name} (${devices}) helps`);
    else this.#say(`Worker ${sign.name} gets no shards: ${problem}`, { level: "warn" });
  }

  /** It said that it goes. */
  #hasLeft({ idle }: HelperSign): boolean {
    return idle === leaving;
  }

  #forget(id: string, sign: HelperSign): void {
    this.#known.delete(id);
    if (this.#hasLeft(sign)) this.#say(`Worker ${sign.name} has left`);
    else this.#say(`Worker ${sign.name} is silent: what it was at is given to others`, { level: "warn" });
  }
}

/** The same server, started again, has the same. */
export const serverId = (folder: string): string => `${hostname()}:${folder}`.slice(0, 200);
