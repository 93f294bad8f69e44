/**
 * The queue owns the runs: it is given them once, works through them on the devices, and survives every reader, every worker
 * and, with the history, the server. A device that is free takes the run that is due; where none waits it helps one that
 * has batches left, and leaves it when one comes.
 */
import { rm } from "node:fs/promises";
import { EMPTY, Subject } from "rxjs";
import type { Device } from "../devices/device.ts";
import { type Devices, noneLeft } from "../devices/devices.ts";
import { type Lender, SharedRun } from "../devices/shared-run.ts";
import { removeUnfinished } from "../files/atomic.ts";
import type { Ballast } from "../files/ballast.ts";
import type { DataFolder } from "../files/data-folder.ts";
import { diskFull, isDiskFull } from "../files/disk-full.ts";
import { forget, hasBegun, Journal } from "../files/journal.ts";
import type { Say } from "../log/say.ts";
import {
  endStates,
  type Lifecycle,
  type LogEvent,
  type PlaceRequest,
  type RunFailure,
  type RunSummary,
} from "../protocol.ts";
import { Refusal } from "../refusal.ts";
import { type Job, type NewRun, type RunHistory, rowsOf } from "./history.ts";
import type { Previews } from "./previews.ts";
import type { Quarantine } from "./quarantine.ts";
import { recorded } from "./recorded.ts";
import type { RunLog } from "./run-log.ts";
import { Waiting } from "./waiting.ts";

export interface QueueOptions {
  readonly history: RunHistory;
  readonly log: RunLog;
  readonly previews: Previews;
  readonly quarantine: Quarantine;
  readonly devices: Devices;
  readonly data: DataFolder;
  readonly ballast: Ballast;
  readonly deadlineMs: number;
  readonly say: Say;
}

interface Active {
  readonly id: string;
  readonly by: string | undefined;
  readonly cancel: AbortController;
  /** Its last event is on its way into the log. */
  over: boolean;
  /** Since it began to be drawn. */
  shared?: SharedRun;
  /** It is left to the next server. */
  isLeft: boolean;
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
  readonly #active = new Map<string, Active>();
  /** The runs whose folders are written to, and when that is over. */
  readonly #writing = new Map<string, Promise<void>>();
  /** Runs that a device was told to prepare since it last said something. */
  readonly #prepared = new Map<string, Device>();
  #dispatching: Promise<void> | undefined;
  #isDue = false;
  #closing = false;

  constructor(options: QueueOptions) {
    this.#options = options;
    options.devices.whenFree(() => this.#next());
  }

  /**
   * Takes up what an earlier server left: what waited waits again, what ran goes on before it where batches of it are done,
   * and else is interrupted.
   */
  async resume(): Promise<void> {
    const { history, log, data } = this.#options;
    const [begun, others]: { readonly id: string; readonly by: string | undefined }[][] = [[], []];
    for (const { id, state, seq, by } of await history.inStates(["queued", "running", "cancelling"])) {
      log.open(id, seq);
      const isBegun = state !== "cancelling" && (await hasBegun(data.outputs(id)));
      if (isBegun || state === "queued") {
        // After a power cut the disk may not know that it had begun: it begins anew.
        if (!isBegun) await rm(data.outputs(id), { recursive: true, force: true });
        if (state === "running") await log.append(id, { type: "run", state: "queued" });
        (isBegun ? begun : others).push({ id, by });
        continue;
      }
      await forget(data.outputs(id));
      await removeUnfinished(data.outputs(id));
      await log.append(id, interrupted);
    }
    for (const { id, by } of [...begun, ...others]) this.#waiting.add(id, by);
    this.#next();
  }

  /** While nothing else is to be done, a free device is told of a run that will most likely be added. */
  prepare({ id, graph, options }: Job): void {
    const { devices, data } = this.#options;
    const [device] = devices.free;
    if (!device || device.isHelper || this.#waiting.size > 0 || this.#closing) return;
    this.#prepared.set(id, device);
    device.worker.send({ type: "prepare", task: { run: id, graph, options, folder: data.outputs(id) } });
  }

  /** A run that was prepared is too much for any process: that of the device may be at it still, and is given up. */
  forsake(id: string): void {
    const device = this.#prepared.get(id);
    if (!device) return;
    this.#told(device);
    device.worker.kill();
  }

  /** Whatever the device was to prepare is behind it. */
  #told(device: Device): void {
    for (const [id, of] of this.#prepared) if (of === device) this.#prepared.delete(id);
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
    const { history, log } = this.#options;
    if (this.#waiting.has(id)) {
      await this.#cancelWaiting([id]);
      return true;
    }
    const active = this.#active.get(id);
    if (!active) return (await history.summary(id)) !== undefined;
    if (active.over || active.cancel.signal.aborted) return true;
    active.cancel.abort();
    await log.append(id, { type: "run", state: "cancelling" });
    this.changed.next(id);
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
    this.#closing = true;
    const timer = new Promise((resolve) => setTimeout(resolve, graceMs).unref());
    await Promise.race([Promise.all(this.#writing.values()), timer]);
    for (const active of [...this.#active.values()].filter(({ over }) => !over)) {
      active.over = true;
      active.isLeft = true;
      // The next server goes on with it.
      if (!(await hasBegun(this.#options.data.outputs(active.id))))
        await this.#options.log.append(active.id, interrupted);
    }
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
        const mayTake = ({ shared }: Active) => shared?.isAbandoned && shared.wants(device);
        const abandoned = [...this.#active.values()].find(mayTake);
        if (abandoned) abandoned.shared?.join(device);
        else if (this.#waiting.size > 0 && !device.isHelper) {
          if (await this.#hasRoom()) this.#begin(device);
        } else [...this.#active.values()].find(({ shared }) => shared?.wants(device))?.shared?.join(device);
      }
    }
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
    const cancel = new AbortController();
    const active: Active = { ...due, cancel, over: false, isLeft: false };
    this.#active.set(due.id, active);
    this.#tellPlaces();
    this.#writing.set(
      due.id,
      this.#workOn(active, device).finally(() => this.#writing.delete(due.id)),
    );
  }

  async #workOn(active: Active, device: Device): Promise<void> {
    try {
      await this.#run(active, device);
    } catch (error) {
      await this.#fail(active, error);
    }
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

  /** Resolves when its last event is kept; rejects when an event cannot be. */
  async #run(active: Active, device: Device): Promise<void> {
    const { history, log, previews, quarantine, data, ballast, deadlineMs } = this.#options;
    const { id, cancel } = active;
    const job = await history.job(id);
    if (!job) throw new Error(`Run ${id} is not in the history`);
    const { graph, options } = job;
    const task = { run: id, graph, options, folder: data.outputs(id) };
    // Of several batches those that are done outlive every process: what is started again goes on with the rest.
    const journal = options.batches > 1 ? await Journal.open(task.folder, id) : undefined;
    const shared = new SharedRun(task, device, { lender: this.#lender, cancel: cancel.signal, deadlineMs, journal });
    const events$ = quarantine.guarded(graph, shared.events$);
    active.shared = shared;
    const keep = {
      append: (run: string, event: LogEvent) => {
        if (active.over) return EMPTY; // Interrupted: nothing more is said of it.
        if (event.type === "run" && endStates.has(event.state)) active.over = true;
        return log.append(run, event);
      },
    };
    await new Promise<void>((resolve, reject) =>
      recorded(id, events$, keep).subscribe({
        next: (event) => {
          if (event.type !== "run")
            for (const device of this.#options.devices.all) if (device.run === id) this.#told(device);
          if (event.type === "preview") previews.show(event);
          else if (event.type === "run") {
            if (event.failure?.code === "DISK_FULL") void ballast.release();
            this.changed.next(id);
          }
        },
        error: reject,
        complete: resolve,
      }),
    );
    const goesOn = active.isLeft && journal !== undefined && journal.done > 0;
    await journal?.close(!goesOn).catch(() => {});
    if (goesOn) return;
    // It has its end: what is left in its folder is no failure of it.
    await removeUnfinished(data.outputs(id)).catch(() => {});
    await forget(data.outputs(id)).catch(() => {});
  }

  readonly #lender: Lender = {
    isAskedFor: () => this.#waiting.size > 0 || [...this.#active.values()].some(({ shared }) => shared?.isAbandoned),
    giveBack: () => this.#next(),
    ask: () => this.#next(),
    failed: (device, how) => this.#options.devices.failed(device, how),
    all: () => this.#options.devices.drawing,
  };

  /** The log could not be written, most likely for want of space: the run fails, as soon as that can be written. */
  async #fail({ id }: Active, error: unknown): Promise<void> {
    const { log, ballast, say } = this.#options;
    if (isDiskFull(error)) await ballast.release();
    say(`Run ${id} fails: ${error instanceof Error ? error.stack : error}`, { level: "error", run: id });
    const failure: RunFailure = isDiskFull(error)
      ? { code: "DISK_FULL", message: diskFull }
      : { code: "PROTOCOL", message: "The server lost track of it; its log says how" };
    const failed: Lifecycle = { type: "run", state: "failed", failure };
    while (!this.#closing) {
      try {
        await log.append(id, failed);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }

  #tellPlaces(): void {
    for (const id of this.#waiting.ids().slice(0, placesTold)) this.changed.next(id);
  }
}

const interrupted: Lifecycle = {
  type: "run",
  state: "interrupted",
  failure: { code: "SERVER_STOPPED", message: "The server ended while it ran. It can be run again" },
};
