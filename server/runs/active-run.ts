/** One run at work: from the device that takes it to its last event in the log, whatever becomes of the disk or the server. */
import { EMPTY, type Subject } from "rxjs";
import type { Span } from "../channel/messages.ts";
import type { Device } from "../devices/device.ts";
import type { Lender } from "../devices/lender.ts";
import { RunStopped } from "../devices/run-stopped.ts";
import { SharedRun, type SharedRunOptions } from "../devices/shared-run.ts";
import { removeUnfinished } from "../files/atomic.ts";
import type { Ballast } from "../files/ballast.ts";
import type { DataFolder } from "../files/data-folder.ts";
import { diskFull, isDiskFull } from "../files/disk-full.ts";
import { Journal } from "../files/journal.ts";
import { forget, hasBegun } from "../files/journals.ts";
import type { Say } from "../log/say.ts";
import { endStates, type Lifecycle, type LogEvent, type RunFailure } from "../protocol.ts";
import type { RunHistory } from "./history.ts";
import { interrupted } from "./left-behind.ts";
import type { Previews } from "./previews.ts";
import type { Quarantine } from "./quarantine.ts";
import { recorded } from "./recorded.ts";
import type { RunLog } from "./run-log.ts";

export interface ActiveRunOptions {
  readonly history: RunHistory;
  readonly log: RunLog;
  readonly previews: Previews;
  readonly quarantine: Quarantine;
  readonly data: DataFolder;
  readonly ballast: Ballast;
  readonly deadlineMs: number;
  readonly drawers: SharedRunOptions["drawers"];
  /** Batches of a run that an earlier server gave out and other machines are at still. */
  readonly stillOut?: (run: string) => readonly Span[];
  /** Hears that its summary is another now. */
  readonly changed: Subject<string>;
  /** It has said something. */
  readonly spoken: (run: string) => void;
  /** Aborted: the server ends. */
  readonly ending: AbortSignal;
  readonly say: Say;
}

const retryMs = 1_000;

export class ActiveRun {
  readonly id: string;
  readonly by: string | undefined;
  /** Since it began to be drawn. */
  shared: SharedRun | undefined;
  readonly #options: ActiveRunOptions;
  readonly #cancel = new AbortController();
  /** Its last event is on its way into the log. */
  #over = false;
  /** It is left to the next server: whether that goes on with it, decided once. */
  #left: Promise<boolean> | undefined;
  #goesOn = false;

  constructor({ id, by }: { readonly id: string; readonly by: string | undefined }, options: ActiveRunOptions) {
    this.id = id;
    this.by = by;
    this.#options = options;
  }

  /** Resolves when it is over: its end is in the log, or it is left. */
  async work(device: Device, lender: Lender): Promise<void> {
    try {
      await this.#draw(device, lender);
    } catch (error) {
      await this.#fail(error);
    }
  }

  /** The same however often it is asked. */
  async cancel(): Promise<void> {
    if (this.#over || this.#cancel.signal.aborted) return;
    this.#cancel.abort();
    await this.#options.log.append(this.id, { type: "run", state: "cancelling" });
    this.#options.changed.next(this.id);
  }

  /** It fails as soon as whoever is at it has let go of it. */
  fail(failure: RunFailure): void {
    if (!this.#over) this.#cancel.abort(new RunStopped("failed", failure));
  }

  /** Whether this server, which ends, has left it to the next one. */
  get goesOn(): boolean {
    return this.#goesOn;
  }

  /** The server ends: where batches are done the next one goes on with it, else it is interrupted. */
  async leave(): Promise<void> {
    await this.shared?.noted;
    if (this.#over) return;
    this.#over = true;
    this.#left = hasBegun(this.#options.data.outputs(this.id));
    this.#goesOn = await this.#left;
    if (!this.#goesOn) await this.#options.log.append(this.id, interrupted);
  }

  /** Resolves when its last event is kept; rejects when an event cannot be. */
  async #draw(device: Device, lender: Lender): Promise<void> {
    const { history, log, previews, quarantine, data, ballast, deadlineMs, drawers, stillOut, changed, spoken, say } =
      this.#options;
    const { id } = this;
    const job = await history.job(id);
    if (!job) throw new Error(`Run ${id} is not in the history`);
    const { graph, options } = job;
    const task = { run: id, graph, options, folder: data.outputs(id) };
    // Of several batches those that are done outlive every process: what is started again goes on with the rest.
    const journal = options.batches > 1 ? await Journal.open(task.folder, id) : undefined;
    if (journal?.damage !== undefined) say(`Run ${id}: ${journal.damage}`, { level: "warn", run: id });
    const shared = new SharedRun(task, device, {
      lender,
      cancel: this.#cancel.signal,
      deadlineMs,
      journal,
      ...(journal && journal.done > 0 && { toldBefore: await history.batchesTold(id) }),
      drawers,
      ...(stillOut && { begun: stillOut(id) }),
    });
    const events$ = quarantine.guarded(graph, shared.events$);
    this.shared = shared;
    const keep = {
      append: (run: string, event: LogEvent) => {
        if (this.#over) return EMPTY; // Interrupted: nothing more is said of it.
        if (event.type === "run" && endStates.has(event.state)) this.#over = true;
        return log.append(run, event);
      },
    };
    await new Promise<void>((resolve, reject) =>
      recorded(id, events$, keep).subscribe({
        next: (event) => {
          if (event.type !== "run") spoken(id);
          if (event.type === "preview") previews.show(event);
          else if (event.type === "run") {
            if (event.failure?.code === "DISK_FULL") void ballast.release();
            changed.next(id);
          }
        },
        error: reject,
        complete: resolve,
      }),
    );
    // A batch that was done behind that is lost with the rest where its log says that it was interrupted.
    const goesOn = (await this.#left) ?? false;
    await journal?.close(!goesOn).catch(() => {});
    if (goesOn) return;
    // It has its end: what is left in its folder is no failure of it.
    await removeUnfinished(data.outputs(id)).catch(() => {});
    await forget(data.outputs(id)).catch(() => {});
  }

  /** The log could not be written, most likely for want of space: the run fails, as soon as that can be written. */
  async #fail(error: unknown): Promise<void> {
    const { log, ballast, ending, say } = this.#options;
    const { id } = this;
    if (isDiskFull(error)) await ballast.release();
    say(`Run ${id} fails: ${error instanceof Error ? error.stack : error}`, { level: "error", run: id });
    const failure: RunFailure = isDiskFull(error)
      ? { code: "DISK_FULL", message: diskFull }
      : { code: "PROTOCOL", message: "The server lost track of it; its log says how" };
    const failed: Lifecycle = { type: "run", state: "failed", failure };
    while (!ending.aborted) {
      try {
        await log.append(id, failed);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }
}
