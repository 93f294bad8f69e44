/**
 * Other machines, as helpers of the devices of this one: as many slots as they have devices, lent to runs like those here. What
 * is lent nobody, and what a machine was at that went, is given to others.
 */
import { join } from "node:path";
import type { Redis } from "ioredis";
import type { Span } from "../channel/messages.ts";
import type { Ask, Question, Reply } from "../channel/questions.ts";
import { Device } from "../devices/device.ts";
import type { Devices } from "../devices/devices.ts";
import { packageVersion } from "../files/package-root.ts";
import type { Say } from "../log/say.ts";
import type { WorkerHealth } from "../protocol.ts";
import { Bucket, isBucket } from "../shards/bucket.ts";
import { ownPrefix } from "../shards/bucket-exchange.ts";
import { ownFolder } from "../shards/exchange.ts";
import { goodbye } from "../shards/goodbye.ts";
import { type Connected, connectRedis } from "../shards/redis.ts";
import type { RefusedByRedis } from "../shards/redis-words.ts";
import { leaseMs, protocol, signMs } from "../shards/shard.ts";
import { counted } from "../units.ts";
import { Desk } from "./desk.ts";
import { Fleet, serverId } from "./fleet.ts";
import { Jobs } from "./jobs.ts";
import { Mirror } from "./mirror.ts";
import { Slot } from "./slot.ts";
import { ToldRuns } from "./told-runs.ts";

export interface MachinesOptions {
  readonly url: string;
  /** Where orders and results lie, a folder or a bucket; absent: in the data folder. */
  readonly results?: string | undefined;
  readonly data: string;
  readonly devices: Devices;
  /** They alone draw what they can. */
  readonly isNeeded: boolean;
  readonly ask: <Q extends Question>(question: Q, ask: Ask<Q>) => Promise<Reply<Q>>;
  /** Whether a run has begun and is not over. */
  readonly isAt: (run: string) => boolean;
  /** Whether the next server goes on with a run that this one, which ends, was at. */
  readonly isLeft: (run: string) => boolean;
  /** Whether the disk has room for so many bytes. */
  readonly hasRoom: (bytes: number) => Promise<boolean>;
  /** Ends the opening. */
  readonly signal?: AbortSignal | undefined;
  readonly say: Say;
}

/** What Redis lost is looked for that seldom: there are many shards, and it is rare. */
const looksForLost = 5;

export class Machines {
  readonly desk: Desk;
  readonly #options: MachinesOptions;
  readonly #redis: Redis;
  readonly #jobs: Jobs;
  readonly #fleet: Fleet;
  readonly #slots = new Map<Slot, Device>();
  /** Of devices that went: which of them it was at is not known, and a machine that is there may draw what it waits for. */
  readonly #leaving = new Map<Slot, Device>();
  readonly #told: ToldRuns;
  readonly #refused: RefusedByRedis;
  #looking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #count = 0;
  #looks = 0;

  private constructor(options: MachinesOptions, { redis, refused }: Connected, desk: Desk) {
    const { data, say } = options;
    this.#refused = refused;
    const id = serverId(data);
    this.#options = options;
    this.#redis = redis;
    this.desk = desk;
    this.#jobs = new Jobs(redis, this.desk, say);
    this.#told = new ToldRuns({ ...options, jobs: this.#jobs, desk, isThere: () => this.state !== "away" });
    const sign = { id, version: packageVersion(), protocol };
    this.#fleet = new Fleet({ redis, sign, say });
  }

  /** Rejects with a ConfigurationError where Redis, or the place of results, cannot be used. */
  static async open(options: MachinesOptions): Promise<Machines> {
    const desk = await deskOf(options);
    const machines = new Machines(options, await connectRedis(options.url, options.say, options.signal), desk);
    try {
      await machines.#fleet.lead();
      const { noted } = desk;
      const begun = await desk.clear(await machines.#jobs.begin(noted), noted);
      for (const one of [machines.#jobs, machines.#told]) one.expect(begun);
      const { length } = begun;
      if (length > 0)
        options.say(
          `${counted(length, "shard")} of an earlier server ${length === 1 ? "is" : "are"} with workers, or brought by them meanwhile: none is drawn again`,
        );
    } catch (error) {
      await machines.#letGo();
      throw error;
    }
    machines.#look();
    return machines;
  }

  /** Whether Redis is there, and does what it is asked. */
  get state(): "ok" | "away" | "refusing" {
    if (this.#redis.status !== "ready") return "away";
    return this.#refused.why === undefined ? "ok" : "refusing";
  }

  /** What Redis says, or does not, where it does not do what it is asked. */
  get why(): string | undefined {
    return this.state === "refusing" ? this.#refused.why : undefined;
  }

  /** Whether nobody else draws what they can. */
  get isNeeded(): boolean {
    return this.#options.isNeeded;
  }

  /** How many devices would draw batches of a run: those of the workers that do not refuse it. */
  helping(run: string): number {
    return this.#told.isPausing(run) ? 0 : this.#fleet.sizeFor(run);
  }

  /** Batches of a run that an earlier server gave out, and workers are at still. */
  begunOf(run: string): readonly Span[] {
    return this.#told.begunOf(run);
  }

  /** Why orders or results do not get through. */
  get problems(): readonly string[] {
    return [this.#told.problem, this.desk.problem].flatMap((why) => why ?? []);
  }

  /** All that are there, by name. */
  get workers(): readonly WorkerHealth[] {
    const told = this.#fleet.helpers.map(({ sign, problem = sign.idle }) => {
      const { name, version, devices, done, failed, hourly, refuses } = sign;
      return { name, version, devices, done, failed, hourly, refuses, problem };
    });
    return told.sort((a, b) => a.name.localeCompare(b.name));
  }

  /** What came is put to its place, and noted by its run; what comes from here on is the next server's. */
  async leave(): Promise<void> {
    clearTimeout(this.#timer);
    // Workers go on with what the next server does.
    this.desk.leave();
    const slots = [...this.#slots.keys(), ...this.#leaving.keys()];
    await goodbye(() => Promise.all(slots.map((slot) => slot.retireWhenPlaced())));
    for (const slot of slots) slot.retire();
  }

  async close(): Promise<void> {
    await this.leave();
    const runs = this.#told.names.filter((run) => !this.#options.isLeft(run));
    const isTold =
      this.state !== "away" &&
      (await goodbye(async () => {
        await this.#looking;
        await Promise.all(runs.map((run) => this.#jobs.endRun(run)));
        await this.#fleet.end();
      }));
    if (!isTold)
      this.#options.say(
        `Redis could not be told that this server ends: its place is free in ${leaseMs / 1_000} s${runs.length === 0 ? "" : `, and workers draw to its end what they are at of ${runs.join(", ")}`}`,
        { level: "warn" },
      );
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    this.#told.close();
    await this.desk.close();
    if (!(await goodbye(() => this.#jobs.close()))) this.#jobs.disconnect();
    this.#redis.disconnect();
  }

  /** Until it ends, one after the other, and not while Redis is away. */
  #look(): void {
    this.#looking = this.#lookOnce().catch(() => {});
    void this.#looking.then(() => {
      if (!this.desk.isLeft) this.#timer = setTimeout(() => this.#look(), signMs);
    });
  }

  async #lookOnce(): Promise<void> {
    // What came is there, whatever became of Redis.
    await this.desk.lookAtAll();
    if (this.state === "away") return;
    const before = this.#fleet.refusals;
    await this.#refused.hear(this.#fleet.look());
    if (this.#told.mayTryAgain() || this.#fleet.refusals !== before) this.#options.devices.changed();
    if (this.#looks++ % looksForLost === 0) await this.#jobs.look();
    // What nobody is at then is the next server's.
    if (this.desk.isLeft) return;
    this.#fit(this.#fleet.size);
    for (const run of this.#told.names)
      if (![...this.#slots.values(), ...this.#leaving.values()].some((device) => device.run === run))
        this.#told.forget(run);
  }

  /** As many slots as there are devices. */
  #fit(size: number): void {
    const { devices } = this.#options;
    while (this.#slots.size < size) {
      const slot = new Slot((task) => this.#told.of(task));
      const device = new Device(`worker#${++this.#count}`, slot, { isHelper: true });
      this.#slots.set(slot, device);
      devices.add(device);
    }
    const idleFirst = [...this.#slots].sort(([a], [b]) => Number(a.isWaiting) - Number(b.isWaiting));
    for (const [slot, device] of idleFirst.slice(0, this.#slots.size - size)) {
      this.#slots.delete(slot);
      this.#leaving.set(slot, device);
      devices.remove(device);
      slot.retireWhenSettled();
    }
    // Where nobody is left to draw it nobody waits for it, and the devices of this machine have it.
    if (size === 0) for (const slot of this.#leaving.keys()) slot.retire();
    for (const [slot, { run }] of this.#leaving) if (run === undefined) this.#leaving.delete(slot);
  }
}

async function deskOf({ results, data, hasRoom, signal, say }: MachinesOptions): Promise<Desk> {
  const [id, own] = [serverId(data), join(data, "shards")];
  if (results === undefined) return new Desk(own);
  if (!isBucket(results)) return new Desk(ownFolder(results, id), { own });
  const bucket = new Bucket({ url: results, environment: process.env, say, patienceMs: 0 });
  await bucket.check(signal);
  return new Desk(own, { mirror: new Mirror({ bucket, server: ownPrefix(id), hasRoom, say }) });
}
