/**
 * The queue owns the runs: it is given them once, has them drawn, and survives every reader, every worker and, with the history,
 * the server. Where a run is:
 *
 *   add ─▶ waiting ── it is due, and a device is free ─▶ at work ─▶ over: its end is in the log
 *             └─ cancelled ──────────────────────────────────────▶ over
 *
 * What a server that ends has at work the next one finds in the history: where a batch of it is done it waits, before all
 * others (`resume`), else it is over, interrupted. Who waits in which order says `Waiting`, who draws what `AtWork`.
 */
import { Subject } from "rxjs";
import type { Device } from "../devices/device.ts";
import { noneLeft } from "../devices/devices.ts";
import { diskFull } from "../files/disk-full.ts";
import { forget } from "../files/journals.ts";
import type { PlaceRequest, RunFailure, RunSummary } from "../protocol.ts";
import { Refusal } from "../refusal.ts";
import { AtWork, type AtWorkOptions } from "./at-work.ts";
import { type Job, type NewRun, rowsOf } from "./history.ts";
import { takenUp } from "./left-behind.ts";
import { Prepared } from "./prepared.ts";
import { Waiting } from "./waiting.ts";

export interface QueueOptions extends Omit<AtWorkOptions, "waiting" | "changed" | "spoken" | "ending" | "begun"> {
  /** The server ends: resolves when what has come from other machines is put to its place. */
  readonly placed?: () => Promise<void>;
}

/** More are refused: a client that submits without end must hear of it. */
const maxWaiting = 10_000;
/** Of one named user: the others still find room. */
const maxWaitingOfOne = maxWaiting / 2;
/** Of so many waiting runs the place is told when it changes; the others hear of it as they come near. */
const placesTold = 50;
const cancelledAtOnce = 100;

export class RunQueue {
  /** Ids of runs whose summary is another now. */
  readonly changed = new Subject<string>();
  readonly #options: QueueOptions;
  readonly #waiting = new Waiting();
  readonly #atWork: AtWork;
  readonly #prepared = new Prepared();
  readonly #ending = new AbortController();

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#atWork = new AtWork({
      ...options,
      waiting: this.#waiting,
      changed: this.changed,
      spoken: (run) => this.#spoken(run),
      begun: () => this.#tellPlaces(),
      ending: this.#ending.signal,
    });
  }

  /** Takes up what an earlier server left. */
  async resume(): Promise<void> {
    for (const { id, by } of await takenUp(this.#options)) this.#waiting.add(id, by);
    this.#atWork.lend();
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
    return this.#atWork.size;
  }

  /** Whether it has begun and is not over. */
  isAt(run: string): boolean {
    return this.#atWork.get(run) !== undefined;
  }

  /** Whether this server, which ends, leaves it to the next one. */
  isLeft(run: string): boolean {
    return this.#atWork.get(run)?.goesOn ?? false;
  }

  /** Runs that nobody who is there can draw on, and why: they wait for who may come. */
  get stranded(): ReadonlyMap<string, string> {
    return this.#atWork.stranded;
  }

  /** The batch that a device is at, of which run. */
  batchOf(device: Device): { readonly run: string; readonly batch?: number } | undefined {
    return this.#atWork.batchOf(device);
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

  /** Rejects with a Refusal when the disk is full, or what is written would be lost. */
  async checkRoom(): Promise<void> {
    const amiss = await this.#options.folders.look();
    if (amiss !== undefined) throw new Refusal("unavailable", amiss);
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
    this.#atWork.lend();
  }

  /** Ends a run, or sees that it has ended; the same however often it is asked. False for an unknown one. */
  async cancel(id: string): Promise<boolean> {
    const { history } = this.#options;
    if (this.#waiting.has(id)) {
      await this.#cancelWaiting([id]);
      return true;
    }
    const active = this.#atWork.get(id);
    if (!active) return (await history.summary(id)) !== undefined;
    await active.cancel();
    return true;
  }

  /** What is at work fails: nothing of it could be kept. What waits, waits. */
  failAtWork(failure: RunFailure): void {
    for (const active of this.#atWork.all) active.fail(failure);
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
    const theirs = this.#atWork.all.filter(({ by }) => !of || by === of.name);
    await Promise.all([this.#cancelWaiting(this.#waiting.ids(of)), ...theirs.map(({ id }) => this.cancel(id))]);
  }

  /** They leave the list, so that none begins meanwhile. One whose end cannot be written waits on. */
  async #cancelWaiting(ids: readonly string[]): Promise<void> {
    const whose = this.#waiting.remove(ids);
    const left: string[] = [];
    let why: unknown;
    // Some at a time: what others write meanwhile comes in between.
    for (let i = 0; i < ids.length; i += cancelledAtOnce)
      await Promise.all(
        ids.slice(i, i + cancelledAtOnce).map((id) =>
          this.#endWaiting(id).catch((error: unknown) => {
            left.push(id);
            why = error;
          }),
        ),
      );
    for (const id of left.reverse()) this.#waiting.add(id, whose.get(id), { first: true });
    if (left.length > 0) this.#atWork.lend();
    this.#tellPlaces();
    if (left.length > 0) throw why;
  }

  async #endWaiting(id: string): Promise<void> {
    const { log, data } = this.#options;
    try {
      await log.append(id, { type: "run", state: "cancelled" });
      void forget(data.outputs(id)).catch(() => {});
    } finally {
      this.changed.next(id);
    }
  }

  /** With its place, when it waits. */
  placed(summary: RunSummary): RunSummary {
    const position = this.#waiting.place(summary.id);
    return position === undefined ? summary : { ...summary, position: position + (this.#atWork.size > 0 ? 1 : 0) };
  }

  /** Begins nothing more, and gives the running runs so long to end. What does not is interrupted. */
  async close(graceMs: number): Promise<void> {
    this.#ending.abort();
    const timer = new Promise((resolve) => setTimeout(resolve, graceMs).unref());
    await Promise.race([this.#atWork.settled, timer]);
    await this.#options.placed?.();
    for (const active of this.#atWork.all) await active.leave();
    await this.#options.log.settled();
  }

  /** Resolves when nothing is written into a run's folder any more. */
  async untouched(id: string): Promise<void> {
    await this.#atWork.untouched(id);
  }

  get #closing(): boolean {
    return this.#ending.signal.aborted;
  }

  #tellPlaces(): void {
    for (const id of this.#waiting.ids().slice(0, placesTold)) this.changed.next(id);
  }
}
