/**
 * The queue owns the runs: it is given them once, works through them on the devices, and survives every reader, every worker
 * and, with the history, the server. A device that is free takes the run that is due; where none waits it helps one that
 * has batches left, and leaves it when one comes.
 */
import { Subject } from "rxjs";
import type { Device } from "../devices/device.ts";
import { type Devices, noneLeft } from "../devices/devices.ts";
import type { Lender } from "../devices/lender.ts";
import type { SharedRun, SharedRunOptions } from "../devices/shared-run.ts";
import type { Ballast } from "../files/ballast.ts";
import type { DataFolder } from "../files/data-folder.ts";
import { diskFull } from "../files/disk-full.ts";
import { forget } from "../files/journal.ts";
import type { Say } from "../log/say.ts";
import type { PlaceRequest, RunSummary } from "../protocol.ts";
import { Refusal } from "../refusal.ts";
import { ActiveRun } from "./active-run.ts";
import { type Job, type NewRun, type RunHistory, rowsOf } from "./history.ts";
import { takenUp } from "./left-behind.ts";
import { Prepared } from "./prepared.ts";
import type { Previews } from "./previews.ts";
import type { Quarantine } from "./quarantine.ts";
import type { RunLog } from "./run-log.ts";
import { Waiting } from "./waiting.ts";

export interface QueueOptions {
  readonly history: RunHistory;
  readonly log: RunLog;
  readonly previews: Previews;
  readonly quarantine: Quarantine;
  readonly devices: Devices;
  readonly drawers: SharedRunOptions["drawers"];
  /** How many devices of other machines would draw batches of a run, by what they say of it; absent: all that are lent. */
  readonly helping?: (run: string) => number;
  readonly data: DataFolder;
  readonly ballast: Ballast;
  readonly deadlineMs: number;
  readonly say: Say;
}

/** More are refused: a client that submits without end must hear of it. */
const maxWaiting = 10_000;
/** Of one named user: the others still find room. */
const maxWaitingOfOne = maxWaiting / 2;
/** Of so many waiting runs the place is told when it changes; the others hear of it as they come near. */
const placesTold = 50;
const retryMs = 1_000;

export class RunQueue {
  /** Ids of runs whose summary is another now. */
  readonly changed = new Subject<string>();
  readonly #options: QueueOptions;
  readonly #waiting = new Waiting();
  readonly #active = new Map<string, ActiveRun>();
  /** The runs whose folders are written to, and when that is over. */
  readonly #writing = new Map<string, Promise<void>>();
  readonly #prepared = new Prepared();
  #dispatching: Promise<void> | undefined;
  #isDue = false;
  readonly #ending = new AbortController();

  constructor(options: QueueOptions) {
    this.#options = options;
    options.devices.whenFree(() => this.#next());
  }

  /** Takes up what an earlier server left. */
  async resume(): Promise<void> {
    for (const { id, by } of await takenUp(this.#options)) this.#waiting.add(id, by);
    this.#next();
  }

  /** While nothing else is to be done, a free device is told of a run that will most likely be added. */
  prepare({ id, graph, options }: Job): void {
    const { devices, data } = this.#options;
    const [device] = devices.free;
    if (!device || device.isHelper || this.#waiting.size > 0 || this.#closing) return;
    this.#prepared.tell(device, { run: id, graph, options, folder: data.outputs(id) });
  }

  /** A run that was prepared is none that any process can take. */
  forsake(id: string): void {
    this.#prepared.forsake(id);
  }

  /** A run has said something: its devices have nothing left to prepare. */
  #spoken(run: string): void {
    for (const device of this.#options.devices.all) if (device.run === run) this.#prepared.isBehind(device);
  }

  /** Whether it takes runs. */
  get state(): "open" | "full" | "closing" {
    if (this.#closing) return "closing";
    return this.#waiting.size >= maxWaiting ? "full" : "open";
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get running(): number {
    return this.#active.size;
  }

  /** Whether it has begun and is not over. */
  isAt(run: string): boolean {
    return this.#active.has(run);
  }

  /** Runs that nobody who is there can draw on, and why: they wait for who may come. */
  get stranded(): ReadonlyMap<string, string> {
    return new Map(
      [...this.#active].flatMap(([id, { shared }]) => (shared?.waitsFor === undefined ? [] : [[id, shared.waitsFor]])),
    );
  }

  get #begun(): readonly SharedRun[] {
    return [...this.#active.values()].flatMap(({ shared }) => shared ?? []);
  }

  /** The batch that a device is at, of which run. */
  batchOf(device: Device): { readonly run: string; readonly batch?: number } | undefined {
    if (device.run === undefined) return undefined;
    const batch = this.#active.get(device.run)?.shared?.devices.get(device);
    return { run: device.run, ...(batch !== undefined && { batch }) };
  }

  /** Throws a Refusal when it takes no run of this user. */
  checkOpen(by: string | undefined): void {
    if (this.#closing) throw new Refusal("unavailable", "The server is stopping; submit it again when it is back");
    if (this.#options.devices.usable.length === 0) throw new Refusal("unavailable", noneLeft);
    if (this.#waiting.size >= maxWaiting)
      throw new Refusal("unavailable", `${maxWaiting} runs wait already; cancel some`);
    if (by !== undefined && this.#waiting.countOf(by) >= maxWaitingOfOne)
      throw new Refusal("unavailable", `${maxWaitingOfOne} of your runs wait already; cancel some`);
  }

  /** Rejects with a Refusal when the disk is full. */
  async checkRoom(): Promise<void> {
    if (!(await this.#options.ballast.hasRoom())) throw new Refusal("disk full", diskFull);
  }

  /** The run is accepted when this resolves, and is never forgotten. Rejects when the queue is full or closing. */
  async add(run: NewRun): Promise<void> {
    const { log } = this.#options;
    await this.checkRoom();
    this.checkOpen(run.by);
    await log.begin(run.id, rowsOf(run));
    this.changed.next(run.id);
    this.#waiting.add(run.id, run.by, run.options);
    // Who has fewer waiting, or goes first, comes before others.
    if (this.#waiting.place(run.id) !== this.#waiting.size - 1) this.#tellPlaces();
    this.#next();
  }

  /** Ends a run, or sees that it has ended; the same however often it is asked. False for an unknown one. */
  async cancel(id: string): Promise<boolean> {
    const { history } = this.#options;
    if (this.#waiting.has(id)) {
      await this.#cancelWaiting([id]);
      return true;
    }
    const active = this.#active.get(id);
    if (!active) return (await history.summary(id)) !== undefined;
    await active.cancel();
    return true;
  }

  /** Puts a run that waits before or after another of its user's. Throws a Refusal where they do not wait, or are not one user's. */
  async place(id: string, wish: PlaceRequest): Promise<void> {
    const [[side, other]] = Object.entries(wish) as ["before" | "after", string][];
    const line = this.#waiting.move(id, side, other);
    if (!line) throw new Refusal("taken", "Runs change places while both wait, and among those of one user");
    await this.#options.history.keepOrder(line);
    this.#tellPlaces();
  }

  /** All runs, or all of one user. */
  async cancelAll(of?: { readonly name: string | undefined }): Promise<void> {
    const theirs = [...this.#active.values()].filter(({ by }) => !of || by === of.name);
    await Promise.all([this.#cancelWaiting(this.#waiting.ids(of)), ...theirs.map(({ id }) => this.cancel(id))]);
  }

  /** They leave the list, so that none begins meanwhile. One whose end cannot be written waits on. */
  async #cancelWaiting(ids: readonly string[]): Promise<void> {
    const whose = this.#waiting.remove(ids);
    const written = await Promise.allSettled(
      ids.map((id) => this.#options.log.append(id, { type: "run", state: "cancelled" })),
    );
    for (const id of ids) void forget(this.#options.data.outputs(id)).catch(() => {});
    const failed = written.find((one) => one.status === "rejected");
    if (failed) {
      const left = ids.filter((_, i) => written[i].status === "rejected");
      for (const id of left.reverse()) this.#waiting.add(id, whose.get(id), { first: true });
      this.#next();
    }
    for (const id of ids) this.changed.next(id);
    this.#tellPlaces();
    if (failed) throw failed.reason;
  }

  /** With its place, when it waits. */
  placed(summary: RunSummary): RunSummary {
    const position = this.#waiting.place(summary.id);
    return position === undefined ? summary : { ...summary, position: position + (this.#active.size > 0 ? 1 : 0) };
  }

  /** Begins nothing more, and gives the running runs so long to end. What does not is interrupted. */
  async close(graceMs: number): Promise<void> {
    this.#ending.abort();
    const timer = new Promise((resolve) => setTimeout(resolve, graceMs).unref());
    await Promise.race([Promise.all(this.#writing.values()), timer]);
    for (const active of this.#active.values()) await active.leave();
    await this.#options.log.settled();
  }

  /** Devices are lent, as long as there is one, and something for it to do. */
  #next(): void {
    this.#isDue = true;
    this.#dispatching ??= this.#dispatch().finally(() => {
      this.#dispatching = undefined;
      // Something may have changed behind its last look.
      if (this.#isDue && !this.#closing) this.#next();
    });
  }

  async #dispatch(): Promise<void> {
    while (this.#isDue && !this.#closing) {
      this.#isDue = false;
      for (const device of this.#options.devices.free) {
        const due = this.#dueFor(device);
        if (due?.isAbandoned) due.join(device);
        else if (this.#waiting.size > 0 && !device.isHelper) {
          if (await this.#hasRoom()) this.#begin(device);
        } else due?.join(device);
      }
    }
  }

  /**
   * The run at work that a device joins: one that nobody is at first. What helpers could not draw they are given behind all
   * else, the one that was refused longest ago first: it takes nobody's turn.
   */
  #dueFor(device: Device): SharedRun | undefined {
    const refusedAt = ({ refused }: SharedRun) => (device.isHelper && refused ? refused.at : 0);
    const wanting = [...this.#active.values()].flatMap(({ id, shared }) =>
      shared?.wants(device) && (!device.isHelper || this.#mayHelp(id, shared)) ? [shared] : [],
    );
    return wanting.sort((a, b) => refusedAt(a) - refusedAt(b) || Number(b.isAbandoned) - Number(a.isAbandoned))[0];
  }

  /** What is given out beyond those who would draw it comes back at once from those who refuse it. */
  #mayHelp(id: string, { devices }: SharedRun): boolean {
    const { helping = () => Number.POSITIVE_INFINITY } = this.#options;
    return [...devices.keys()].filter(({ isHelper }) => isHelper).length < helping(id);
  }

  async #hasRoom(): Promise<boolean> {
    const hasRoom = await this.#options.ballast.hasRoom();
    if (!hasRoom) setTimeout(() => this.#next(), retryMs).unref();
    return hasRoom;
  }

  /** The run that is due; it may have been cancelled meanwhile, and the device be gone. */
  #begin(device: Device): void {
    if (this.#closing || !this.#options.devices.free.includes(device)) return;
    const due = this.#waiting.take();
    if (!due) return;
    device.run = due.id;
    const active = new ActiveRun(due, {
      ...this.#options,
      changed: this.changed,
      spoken: (run) => this.#spoken(run),
      ending: this.#ending.signal,
    });
    this.#active.set(due.id, active);
    this.#tellPlaces();
    this.#writing.set(
      due.id,
      this.#workOn(active, device).finally(() => this.#writing.delete(due.id)),
    );
  }

  async #workOn(active: ActiveRun, device: Device): Promise<void> {
    await active.work(device, this.#lender);
    if (device.run === active.id && !active.shared?.devices.has(device)) device.run = undefined;
    this.#active.delete(active.id);
    this.changed.next(active.id);
    this.#next();
    await this.#options.previews.keep(active.id);
  }

  /** Resolves when nothing is written into a run's folder any more. */
  async untouched(id: string): Promise<void> {
    await this.#writing.get(id);
  }

  readonly #lender: Lender = {
    isAskedFor: (device) =>
      this.#waiting.size > 0 || this.#begun.some((shared) => shared.isAbandoned && shared.wants(device)),
    giveBack: () => this.#next(),
    ask: () => this.#next(),
    failed: (device, how) => this.#options.devices.failed(device, how),
    unfit: ({ name, run }, why) =>
      this.#options.say(`${name} draws no batches of run ${run}: ${why}`, {
        level: "warn",
        ...(run !== undefined && { run }),
      }),
    all: () => this.#options.devices.drawing,
    // A worker may, and the next server may have another device.
    mayCome: () => true,
  };

  get #closing(): boolean {
    return this.#ending.signal.aborted;
  }

  #tellPlaces(): void {
    for (const id of this.#waiting.ids().slice(0, placesTold)) this.changed.next(id);
  }
}
