/** Which machines help, by the signs of life that they give, and the one server that they help. */
import { hostname } from "node:os";
import type { Redis } from "ioredis";
import { ConfigurationError } from "../flags/errors.ts";
import type { Say } from "../log/say.ts";
import { deleteWhereIs } from "../shards/delete-where-is.ts";
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

/** Sets a key to the second text where it has the first, or none, and for so many milliseconds. */
const replace = `
  local is = redis.call("GET", KEYS[1])
  if is and is ~= ARGV[1] then return 0 end
  redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3])
  return 1`;

export class Fleet {
  readonly #redis: Redis;
  readonly #sign: ServerSign;
  readonly #text: string;
  readonly #say: Say;
  readonly #now: () => number;
  readonly #known = new Map<string, Known>();
  /** Its last look did not come to its end. */
  #isDeaf = false;
  /** Who has the place of this server. */
  #other: string | undefined;

  constructor({ redis, sign, say, now = () => performance.now() }: FleetOptions) {
    this.#redis = redis;
    this.#sign = sign;
    this.#text = JSON.stringify(sign);
    this.#say = say;
    this.#now = now;
    // While it was away nobody could give a sign.
    redis.on("ready", () => {
      for (const known of this.#known.values()) known.heard = this.#now();
    });
  }

  /** Takes the place of the server. Rejects with a ConfigurationError where another has it. */
  async lead(): Promise<void> {
    const other = await this.#claim();
    if (other !== undefined)
      throw new ConfigurationError(
        `Another server (${other}) has this database of Redis: end it and wait ${leaseMs / 1_000} s, or give another with --redis, such as redis://host:6379/1`,
      );
  }

  /** Gives the sign of life of the server, and hears those of helpers. */
  async look(): Promise<void> {
    // What it could not hear of them says nothing of them.
    if (this.#isDeaf) for (const known of this.#known.values()) known.heard = this.#now();
    this.#isDeaf = true;
    const other = await this.#claim();
    if (other !== this.#other && other !== undefined)
      this.#say(
        `Another server (${other}) has taken this database of Redis: no shards are given out. Give each its own with --redis`,
        { level: "warn" },
      );
    else if (other !== this.#other) this.#say("This server has its database of Redis again, and gives out shards");
    this.#other = other;
    const ids = await this.#redis.smembers(keys.helpers);
    const texts = ids.length === 0 ? [] : await this.#redis.mget(ids.map(keys.helper));
    const gone = ids.filter((_, i) => texts[i] === null);
    if (gone.length > 0) await this.#redis.srem(keys.helpers, ...gone);
    for (const text of texts) {
      const sign = signIn(helperSign, text);
      if (sign) this.#hear(sign);
    }
    this.#isDeaf = false;
    for (const [id, { heard, sign }] of this.#known)
      if (this.#now() - heard > leaseMs || this.#hasLeft(sign)) this.#forget(id, sign);
  }

  /** All that are there, with why one of them gets no shards. */
  get helpers(): readonly { readonly sign: HelperSign; readonly problem?: string | undefined }[] {
    const problem = this.#other && `another server (${this.#other}) has this database of Redis`;
    return [...this.#known.values()].map(({ sign, problem: own }) => ({ sign, problem: problem ?? own }));
  }

  /** How many devices draw, those of a worker that takes no more too: none for a server whose place another has. */
  get size(): number {
    return this.#sizeOf(() => true);
  }

  /** Of those the devices of workers that do not refuse a run. */
  sizeFor(run: string): number {
    return this.#sizeOf(({ refuses = [] }) => refuses.every((one) => one.run !== run));
  }

  /** Who refuses which runs now: another text when that is otherwise. */
  get refusals(): string {
    const those = [...this.#known].flatMap(([id, { sign }]) => (sign.refuses ?? []).map(({ run }) => [id, run]));
    return JSON.stringify(those);
  }

  #sizeOf(counts: (sign: HelperSign) => boolean): number {
    if (this.#other !== undefined) return 0;
    return [...this.#known.values()].reduce((sum, { sign, problem }) => {
      if (problem !== undefined || !counts(sign)) return sum;
      const { devices, idle } = sign;
      return sum + (idle === undefined ? devices : devices.filter(({ at }) => at)).length;
    }, 0);
  }

  /** Its place is free, and another's stays: in one step, since between two another may take it. */
  async end(): Promise<void> {
    await deleteWhereIs(this.#redis, keys.server, this.#text);
  }

  /** Takes the place, or keeps it, in one step where it is free or its own; the id of who has it otherwise. */
  async #claim(): Promise<string | undefined> {
    for (;;) {
      const is = await this.#redis.get(keys.server);
      const other = signIn(serverSign, is)?.id;
      if (other !== undefined && other !== this.#sign.id) return other;
      if ((await this.#redis.eval(replace, 1, keys.server, is ?? "", this.#text, leaseMs)) === 1) return undefined;
    }
  }

  #hear(sign: HelperSign): void {
    const before = this.#known.get(sign.id);
    // What one said last is heard for a while.
    if (!before && this.#hasLeft(sign)) return;
    const problem = mismatch(this.#sign, sign);
    this.#known.set(sign.id, { sign, heard: this.#now(), problem });
    if (before) return;
    const devices = sign.devices.map(({ name }) => name).join(", ");
    if (problem === undefined) this.#say(`Worker ${sign.name} (${devices}) helps`);
    else this.#say(`Worker ${sign.name} gets no shards: ${problem}`, { level: "warn" });
  }

  /** It said that it goes, and is at nothing any more. */
  #hasLeft({ idle, devices }: HelperSign): boolean {
    return idle === leaving && devices.every(({ at }) => at === undefined);
  }

  #forget(id: string, sign: HelperSign): void {
    this.#known.delete(id);
    if (this.#hasLeft(sign)) this.#say(`Worker ${sign.name} has left`);
    else this.#say(`Worker ${sign.name} is silent: what it was at is given to others`, { level: "warn" });
  }
}

/** The same server, started again, has the same. */
export const serverId = (folder: string): string => `${hostname()}:${folder}`.slice(0, 200);
