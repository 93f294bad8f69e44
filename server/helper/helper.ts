/**
 * A machine that helps a server: it takes shards from the queue, a device each, draws them in processes of their own and puts
 * their results. This process computes nothing, so that locks are renewed and signs given whatever a device does.
 */
import { type Job, Worker as QueueWorker, UnrecoverableError } from "bullmq";
import type { Redis } from "ioredis";
import type { Device } from "../devices/device.ts";
import type { Devices } from "../devices/devices.ts";
import { RunStopped } from "../devices/run-stopped.ts";
import { packageVersion } from "../files/package-root.ts";
import type { StillThere } from "../files/still-there.ts";
import type { Say } from "../log/say.ts";
import { sayLetGo } from "../shards/drawing.ts";
import type { Exchange } from "../shards/exchange.ts";
import { goodbye } from "../shards/goodbye.ts";
import { withoutBound } from "../shards/redis.ts";
import type { RefusedByRedis } from "../shards/redis-words.ts";
import { keyOf, type Order, type Outcome, prefix, protocol, queueName, type Shard, shard } from "../shards/shard.ts";
import { drawShard } from "./draw-shard.ts";
import { hourlyOf, sayDrawn, sayEnds, sayNotDrawn } from "./helper-lines.ts";
import { Orders } from "./orders.ts";
import type { AtWork, OwnState } from "./own-sign.ts";
import { Over, Presence, shardsOf } from "./presence.ts";
import { pausesText, Refusals } from "./refusals.ts";
import { isOfMachine, onThisDisk, Unable, unable, whyNot } from "./unable.ts";
import { whoseIs } from "./whose.ts";

export interface HelperOptions {
  readonly redis: Redis;
  /** Hears what it does not do. */
  readonly refused: RefusedByRedis;
  readonly exchange: Exchange;
  readonly devices: Devices;
  /** What it works in. */
  readonly own: Pick<StillThere, "look">;
  /** For what is on its way. */
  readonly folder: string;
  /** Tells it from others, also of this machine. */
  readonly id: string;
  /** Sees that all files of an order are there. Rejects with what is missing. */
  readonly fetchFiles: (order: Order, signal: AbortSignal) => Promise<void>;
  /** How long a shard is this machine's after its last sign. */
  readonly lock?: LockTimes;
  readonly say: Say;
}

export interface LockTimes {
  /** A lock that is not renewed for so long is lost, and the shard another's. */
  readonly lockMs: number;
  /** So often it is looked for such shards. */
  readonly stalledEveryMs: number;
}

const usualLock: LockTimes = { lockMs: 12_000, stalledEveryMs: 4_000 };
/** A shard that is taken from a stopped machine again and again is drawn by some machine at last. */
const maxStalled = 100;
/** So long a device may take to let go of what it is at. */
const letGoMs = 5_000;

const about = { version: packageVersion(), protocol };

export class Helper {
  readonly #options: HelperOptions;
  readonly #queue: QueueWorker<Shard, Outcome>;
  readonly #atWork = new Map<Device, AtWork>();
  readonly #orders: Orders;
  readonly #refusals = new Refusals();
  /** Jobs that are another machine's by now, while they are drawn here. */
  readonly #lost = new Set<string>();
  /** At its end. */
  readonly #givenBack: Shard[] = [];
  readonly #counts = { done: 0, failed: 0 };
  #hourly: number | undefined;
  readonly #presence: Presence;
  #isClosing = false;

  constructor(options: HelperOptions) {
    const { lock = usualLock } = options;
    this.#options = options;
    this.#orders = new Orders(options.exchange, about);
    this.#presence = new Presence({ ...options, state: () => this.#state, takes: (idle) => this.#takes(idle) });
    this.#queue = new QueueWorker<Shard, Outcome>(queueName, (job, _token, signal) => this.#take(job, signal), {
      connection: withoutBound(options.redis),
      prefix,
      name: options.id,
      autorun: false,
      concurrency: options.devices.all.length,
      lockDuration: lock.lockMs,
      stalledInterval: lock.stalledEveryMs,
      maxStalledCount: maxStalled,
      drainDelay: 1,
    });
    this.#queue.on("error", () => {});
    this.#queue.on("lockRenewalFailed", (ids) => {
      // It is tried, and fails, as long as the shard is drawn; and may have failed when it was put.
      const atWork = shardsOf(this.#state);
      const lost = ids.filter((id) => atWork.includes(id) && !this.#lost.has(id));
      if (lost.length === 0) return;
      for (const id of lost) this.#lost.add(id);
      const [what, is] = lost.length === 1 ? ["a shard", "is"] : [`${lost.length} shards`, "are"];
      this.#options.say(`Redis has lost that ${what} ${is} drawn here: it goes on, and others leave it alone`);
    });
  }

  /** Takes shards from here on, as soon as there is a server of the same version. */
  begin(): void {
    this.#presence.begin();
  }

  /** Gives back what it is at. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#presence.leave();
    for (const { cancel } of this.#atWork.values()) cancel.abort(new Error("The worker was ended"));
    const isHeard =
      (await this.#presence.isHeard()) &&
      (await goodbye(() => this.#queue.close(), letGoMs)) &&
      (await this.#presence.sayLeft());
    if (!isHeard) await goodbye(() => this.#queue.disconnect());
    // What a device did not let go of in time others get too.
    const stillAt = [...this.#atWork.values()].map(({ shard }) => shard);
    sayEnds({ ...this.#counts, givenBack: [...this.#givenBack, ...stillAt], isHeard }, this.#options.say);
  }

  get #state(): Omit<OwnState, "idle"> {
    const { id, devices } = this.#options;
    return {
      ...{ id, ...about, ...this.#counts, hourly: this.#hourly },
      ...{ devices: devices.all, atWork: this.#atWork, refuses: this.#refusals.all },
    };
  }

  #takes(idle: string | undefined): void {
    if (idle !== undefined && !this.#queue.isPaused()) void this.#queue.pause(true);
    else if (idle === undefined && this.#queue.isPaused()) this.#queue.resume();
    if (idle === undefined && !this.#queue.isRunning()) void this.#queue.run().catch(() => {});
  }

  /** A job as it is: drawn, put, and what became of it. What it throws, others may do better. */
  async #take(job: Job<Shard, Outcome>, given: AbortSignal | undefined): Promise<Outcome> {
    const read = shard.safeParse(job.data);
    if (!read.success || keyOf(read.data) !== job.id) throw new UnrecoverableError("This is no shard");
    const refusal = this.#refusals.of(read.data.order);
    if (refusal !== undefined) return refused(refusal);
    const amiss = await this.#options.own.look();
    if (amiss !== undefined) throw new Error(amiss);
    const device = this.#options.devices.all.find((one) => !this.#atWork.has(one));
    const { idle } = this.#presence;
    if (!device || idle !== undefined) throw new Error(idle ?? "All devices are at work");
    const cancel = new AbortController();
    given?.addEventListener("abort", () => cancel.abort(new Error("The shard was lost")));
    const atWork: AtWork = { shard: read.data, cancel, isOurs: false, done: 0, isOnItsWay: false };
    this.#atWork.set(device, atWork);
    try {
      const isHere = (key: string) => shardsOf(this.#state).includes(key);
      const whose = await whoseIs(job, { ...this.#options, isHere, signal: cancel.signal });
      if (whose !== "ours") return { state: whose };
      atWork.isOurs = true;
      cancel.signal.throwIfAborted();
      const outcome = await this.#draw(device, atWork);
      this.#refusals.drawn(read.data.order);
      return outcome;
    } catch (error) {
      if (cancel.signal.aborted) return this.#letGo(device, atWork);
      this.#counts.failed++;
      if (error instanceof RunStopped && error.failure && !isOfMachine(error.failure)) {
        sayNotDrawn(read.data, device, "failed", this.#options.say, error.failure.message);
        return { state: "failed", failure: error.failure };
      }
      const why = whyNot(error);
      this.#refuse(read.data, device, why);
      if (error instanceof Unable || error instanceof RunStopped) return refused(why);
      throw new Error(why);
    } finally {
      this.#atWork.delete(device);
      if (atWork.isOurs) {
        const { redis, id } = this.#options;
        this.#lost.delete(job.id);
        sayLetGo(redis, job.id, id).catch(() => {});
      }
    }
  }

  /** It was told to. Throws, where others are to draw it. */
  #letGo(device: Device, { shard, cancel: { signal } }: AtWork): Outcome {
    const isOver = signal.reason instanceof Over;
    const why = whyNot(signal.reason);
    sayNotDrawn(shard, device, isOver ? "over" : "given back", this.#options.say, why);
    if (isOver) return { state: "over" };
    if (this.#isClosing) this.#givenBack.push(shard);
    throw new Error(why);
  }

  async #draw(device: Device, atWork: AtWork): Promise<Outcome> {
    const { exchange, folder, fetchFiles } = this.#options;
    const { shard, cancel } = atWork;
    const { signal } = cancel;
    const order = await this.#orders.of(shard.order, signal).catch(unable);
    await fetchFiles(order, signal).catch(unable);
    const began = performance.now();
    const done = () => {
      atWork.done++;
    };
    const drawn = await drawShard(shard, { folder, device, order, cancel: signal, done }).catch(onThisDisk);
    try {
      const drawMs = performance.now() - began;
      const { computed } = drawn;
      const hourly = hourlyOf(order, computed, drawMs);
      if (hourly !== undefined) this.#hourly = hourly * this.#options.devices.all.length;
      atWork.isOnItsWay = true;
      if (!(await exchange.put(shard, drawn.path, signal))) {
        sayNotDrawn(shard, device, "unwanted", this.#options.say);
        return { state: "over" };
      }
      const putMs = performance.now() - began - drawMs;
      sayDrawn({ device, shard, order, computed, drawMs, putMs }, this.#options.say);
    } finally {
      await drawn.remove();
    }
    this.#counts.done++;
    return { state: "put" };
  }

  /** What could not be done would fail again at once, and others shall have it. */
  #refuse(shard: Shard, device: Device, why: string): void {
    if (!this.#refusals.refuse(shard.order, shard.run, why.slice(0, maxWhy))) return;
    const until = `${why}. Draws nothing of run ${shard.run} until it can: looks again after ${pausesText}`;
    sayNotDrawn(shard, device, "refused", this.#options.say, until);
  }
}

const maxWhy = 500;
const refused = (why: string): Outcome => ({ state: "refused", why: why.slice(0, maxWhy) });
