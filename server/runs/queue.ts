/**
 * The queue owns the runs: it is given them once, works through them one after the other on the device, and survives
 * every reader, every worker and, with the history, the server.
 */
import { rm } from "node:fs/promises";
import { EMPTY, Subject } from "rxjs";
import { removeUnfinished } from "../files/atomic.ts";
import type { Ballast } from "../files/ballast.ts";
import type { DataFolder } from "../files/data-folder.ts";
import { diskFull, isDiskFull } from "../files/disk-full.ts";
import { forget, hasBegun } from "../files/journal.ts";
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
import type { Worker } from "../supervisor/worker.ts";
import { type Job, type NewRun, type RunHistory, rowsOf } from "./history.ts";
import type { Previews } from "./previews.ts";
import type { Quarantine } from "./quarantine.ts";
import { recorded } from "./recorded.ts";
import type { RunLog } from "./run-log.ts";
import { runTask } from "./run-task.ts";
import { Waiting } from "./waiting.ts";

export interface QueueOptions {
  readonly history: RunHistory;
  readonly log: RunLog;
  readonly previews: Previews;
  readonly quarantine: Quarantine;
  readonly worker: Worker;
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
  #active: Active | undefined;
  /** What the device was told to prepare since it last said something. */
  readonly #prepared = new Set<string>();
  /** The run whose folder is written to, and when that is over. */
  #writing: { readonly id: string; readonly done: Promise<void> } | undefined;
  #loop: Promise<void> | undefined;
  #closing = false;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /**
   * Takes up what an earlier server left: what waited waits again, what ran goes on where batches of it are done, and else is
   * interrupted.
   */
  async resume(): Promise<void> {
    const { history, log, data } = this.#options;
    for (const { id, state, seq, by } of await history.inStates(["queued", "running", "cancelling"])) {
      log.open(id, seq);
      const isBegun = state !== "cancelling" && (await hasBegun(data.outputs(id)));
      if (isBegun || state === "queued") {
        // After a power cut the disk may not know that it had begun: it begins anew.
        if (!isBegun) await rm(data.outputs(id), { recursive: true, force: true });
        if (state === "running") await log.append(id, { type: "run", state: "queued" });
        this.#waiting.add(id, by, { first: isBegun });
        continue;
      }
      await forget(data.outputs(id));
      await removeUnfinished(data.outputs(id));
      await log.append(id, interrupted);
    }
    this.#next();
  }

  /** While the device is free, it is told of a run that will most likely be added. */
  prepare({ id, graph, options }: Job): void {
    const { worker, data } = this.#options;
    if (this.#active || this.#waiting.size > 0 || this.#closing) return;
    this.#prepared.add(id);
    worker.send({ type: "prepare", task: { run: id, graph, options, folder: data.outputs(id) } });
  }

  /** A run that was prepared is too much for any process: that of the device may be at it still, and is given up. */
  forsake(id: string): void {
    if (!this.#prepared.has(id)) return;
    this.#prepared.clear();
    this.#options.worker.kill();
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
    return this.#active ? 1 : 0;
  }

  /** Throws a Refusal when it takes no run of this user. */
  checkOpen(by: string | undefined): void {
    if (this.#closing) throw new Refusal("unavailable", "The server is stopping; submit it again when it is back");
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
    const active = this.#active;
    if (active?.id !== id) return (await history.summary(id)) !== undefined;
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
    const active = this.#active;
    const isTheirs = active && (!of || active.by === of.name);
    await Promise.all([this.#cancelWaiting(this.#waiting.ids(of)), isTheirs && this.cancel(active.id)]);
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
    return position === undefined ? summary : { ...summary, position: position + (this.#active ? 1 : 0) };
  }

  /** Begins nothing more, and gives the running run so long to end. What does not is interrupted. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    const timer = new Promise((resolve) => setTimeout(resolve, graceMs).unref());
    await Promise.race([this.#loop, timer]);
    const active = this.#active;
    if (active && !active.over) {
      active.over = true;
      // The next server goes on with it.
      if (!(await hasBegun(this.#options.data.outputs(active.id))))
        await this.#options.log.append(active.id, interrupted);
    }
    await this.#options.log.settled();
  }

  #next(): void {
    this.#loop ??= this.#work().finally(() => {
      this.#loop = undefined;
      // One may have come after the loop's last look.
      if (this.#waiting.size > 0 && !this.#closing) this.#next();
    });
  }

  async #work(): Promise<void> {
    while (!this.#closing) {
      if (!(await this.#options.ballast.hasRoom())) {
        await new Promise((resolve) => setTimeout(resolve, retryMs));
        continue;
      }
      const due = this.#waiting.take();
      if (!due) return;
      const done = this.#workOn({ ...due, cancel: new AbortController(), over: false });
      this.#writing = { id: due.id, done };
      await done;
    }
  }

  async #workOn(active: Active): Promise<void> {
    this.#active = active;
    this.#tellPlaces();
    try {
      await this.#run(active);
    } catch (error) {
      await this.#fail(active, error);
    }
    this.#active = undefined;
    this.changed.next(active.id);
    await this.#options.previews.keep(active.id);
  }

  /** Resolves when nothing is written into a run's folder any more. */
  async untouched(id: string): Promise<void> {
    if (this.#writing?.id === id) await this.#writing.done;
  }

  /** Resolves when its last event is kept; rejects when an event cannot be. */
  async #run(active: Active): Promise<void> {
    const { history, log, previews, quarantine, worker, data, ballast, deadlineMs } = this.#options;
    const { id, cancel } = active;
    const job = await history.job(id);
    if (!job) throw new Error(`Run ${id} is not in the history`);
    const { graph, options } = job;
    const task = { run: id, graph, options, folder: data.outputs(id) };
    const events$ = quarantine.guarded(graph, runTask(task, { worker, cancel: cancel.signal, deadlineMs }));
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
          if (event.type !== "run") this.#prepared.clear();
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
    // The next server goes on with it.
    if (this.#closing && (await hasBegun(data.outputs(id)))) return;
    // It has its end: what is left in its folder is no failure of it.
    await removeUnfinished(data.outputs(id)).catch(() => {});
    await forget(data.outputs(id)).catch(() => {});
  }

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
