/**
 * One run on the devices that it is lent: each draws batch after batch of it, and what they say comes as from one. How far it is
 * says `Life`. What a device goes through as long as it is (its `Part`):
 *
 *   it joins ─▶ plans ─▶ asks ─▶ is given batches ─▶ says of each that it is done ─▶ asks …
 *                         └─ nothing is left for it, or others wait for it ─▶ leaves
 *                         └─ all batches are done ─▶ makes the files that hold all ─▶ the run has succeeded
 *
 *   its process ends   what it was at is given to others, or to its next process; else the run fails
 *   its card is lost   its process is ended, and so the same
 *   it is refused      the machine that was given it lacks something: it leaves, and the run waits for others
 *   it would differ    it is another machine's precision: it leaves, and draws no batch of this run any more
 *   it fails           the run does, whoever is at it
 *
 * A run that none is at and that is not over is abandoned: whoever lends devices lends it the next.
 */
import { Observable } from "rxjs";
import type { RunEvent } from "../../executor/index.ts";
import type { RunMessage, Span, Task } from "../channel/messages.ts";
import { failureOf } from "../channel/problems.ts";
import type { Journal } from "../files/journal.ts";
import type { Kept, Took } from "../files/journal-lines.ts";
import type { RunFailure } from "../protocol.ts";
import type { Gone } from "../supervisor/child.ts";
import { durationText } from "../units.ts";
import { afterLoss } from "./after-loss.ts";
import { Crew } from "./crew.ts";
import type { Device } from "./device.ts";
import { Fitness, type Refused } from "./fitness.ts";
import { Giving } from "./giving.ts";
import { InOrder } from "./in-order.ts";
import type { Lender } from "./lender.ts";
import { Life, type Said } from "./life.ts";
import { Noting } from "./noting.ts";
import type { Part } from "./part.ts";
import { RunStopped } from "./run-stopped.ts";

export interface SharedRunOptions {
  readonly lender: Lender;
  /** Aborted: the run is to be cancelled, or to be stopped as the reason says, where that is a RunStopped. */
  readonly cancel: AbortSignal;
  /** So long somebody may be at it. */
  readonly deadlineMs: number;
  /** A cancel that is not heeded for so long is enforced. */
  readonly graceMs?: number;
  /** Of several batches what is done is noted, and what was done before is left out. */
  readonly journal?: Journal | undefined;
  /** Of what was done before, whoever listens was told up to before this batch (all); the others it is told of now. */
  readonly toldBefore?: number;
  /** The first batch that is wanted. */
  readonly first?: number;
  /** The batch before which it ends, others making the files that hold all; absent: it is all of the run. */
  readonly before?: number;
  /** Batches that an earlier server gave out and other machines are at still. */
  readonly begun?: readonly Span[];
  /** Who draws batches where they are spread: "helpers" alone, or everybody. */
  readonly drawers?: "helpers" | "all" | undefined;
}

type Of<T extends RunMessage["type"]> = Extract<RunMessage, { readonly type: T }>;

export class SharedRun {
  /** Complete is succeeded, error is a RunStopped. It begins when it is subscribed to. */
  readonly events$: Observable<Said>;
  readonly #task: Task;
  readonly #options: SharedRunOptions;
  readonly #life = new Life();
  readonly #crew: Crew;
  readonly #fitness: Fitness;
  readonly #giving: Giving;
  readonly #inOrder: InOrder<RunEvent>;
  /** How many a batch draws: known when a device has looked, if it ever is. */
  #pictures: number | undefined;
  readonly #noting: Noting;

  /** `device`: the first that it is lent. */
  constructor(task: Task, device: Device, options: SharedRunOptions) {
    const {
      journal,
      toldBefore = Number.POSITIVE_INFINITY,
      first = 0,
      before,
      begun = [],
      cancel,
      lender,
      drawers,
    } = options;
    this.#options = options;
    this.#task = { ...task, ...(journal && { noted: { folder: journal.folder, kept: journal.kept } }) };
    this.#noting = new Noting(journal);
    this.#fitness = new Fitness(lender);
    const done = journal?.before ?? new Set();
    const untold = (journal?.noted ?? []).filter(({ batch }) => batch >= toldBefore);
    const isTold = (batch: number) => batch < toldBefore;
    this.#inOrder = new InOrder((event) => this.#life.say(event), first, [...done].filter(isTold));
    this.#crew = new Crew(this.#task, {
      ...options,
      late: () => this.#late(),
      hear: (part, message) => this.#hear(part, message),
      lost: (part, how) => this.#lost(part, how),
    });
    this.#giving = new Giving({
      ...{ task, lender, crew: this.#crew, fitness: this.#fitness, inOrder: this.#inOrder, noting: this.#noting, done },
      ...{ begun, first, end: before ?? task.options.batches, isPart: before !== undefined },
      isForHelpers: drawers === "helpers",
    });
    this.events$ = new Observable((listener) => {
      this.#life.begin(listener);
      for (const { batch, saved, took } of untold) {
        for (const file of saved) this.#inOrder.put(batch, { type: "output", ...file });
        this.#tellDone(batch, took ?? { ms: 0 });
      }
      const onCancel = () =>
        this.#stop(cancel.reason instanceof RunStopped ? cancel.reason : new RunStopped("cancelled"));
      cancel.addEventListener("abort", onCancel);
      this.join(device);
      if (cancel.aborted) onCancel();
      return () => {
        cancel.removeEventListener("abort", onCancel);
        this.#crew.close();
        if (this.#life.abandon()) this.#crew.kill();
      };
    });
  }

  /** The devices at it, each with the batch that it is at. */
  get devices(): ReadonlyMap<Device, number | undefined> {
    return new Map(this.#crew.parts.map(({ device, at: [batch] }) => [device, batch]));
  }

  /** What all batches that are done have kept. */
  get kept(): Kept {
    return this.#noting.kept;
  }

  /** Resolves when all that is done by now is noted. */
  get noted(): Promise<unknown> {
    return this.#noting.settled;
  }

  /** No device is at it, and it is not over: it comes before all that waits. */
  get isAbandoned(): boolean {
    return this.#life.isDrawing && this.#crew.size === 0;
  }

  /** Why a helper could not draw what it was given last, and when, until one has drawn a batch. */
  get refused(): Refused | undefined {
    return this.#fitness.refused;
  }

  /** Why nobody who is there draws on at it, where somebody may come who does. */
  get waitsFor(): string | undefined {
    if (!this.#life.isDrawing || this.#giving.share.isDone) return undefined;
    if (this.#crew.parts.some(({ device }) => !device.isHelper)) return undefined;
    const { refused, failure } = this.#fitness;
    return refused?.why ?? (this.isAbandoned ? failure?.message : undefined);
  }

  /** Whether a device more has something to do. */
  wants(device: Device): boolean {
    return this.#life.isDrawing && this.#giving.wants(device);
  }

  join(device: Device): void {
    this.#crew.join(device);
  }

  #hear(part: Part, message: RunMessage): void {
    part.chance = "taken";
    (this.#hearing[message.type] as (part: Part, message: RunMessage) => void)(part, message);
  }

  /** What becomes of what a device says. */
  readonly #hearing: { readonly [T in RunMessage["type"]]: (part: Part, message: Of<T>) => void } = {
    next: (part, message) => this.#asked(part, message),
    done: (part, message) => this.#done(part, message),
    choose: (part, message) => this.#choose(part, message),
    event: (part, { event }) => this.#inOrder.put(part.at[0] ?? this.#inOrder.front, part.seen(event)),
    // Of the one whose turn it is: pictures of several batches by turns would be of none. A helper's are of what it has done.
    preview: (part, message) => {
      if (part.device.isHelper || part.at.at(-1) === this.#inOrder.front) this.#life.say(message);
    },
    end: (part, message) => {
      if (message.state === "succeeded") this.#succeeded(part);
      else if (message.state === "failed") this.#failed(part, message.failure);
      else if (message.state === "refused") this.#refusedBy(part, message.why);
      else this.#left(part);
    },
  };

  #asked(part: Part, { canSpread, identity, pictures, most = 1 }: Of<"next">): void {
    try {
      this.#noting.expectSame(identity);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#pictures = pictures;
    this.#giving.canSpread = canSpread;
    // Of a run of one batch nobody says that it is done.
    if (this.#task.options.batches === 1 && part.at.shift() === 0) {
      this.#giving.share.did(part.device, 0);
      this.#giving.share.keep(0);
      this.#inOrder.close(0);
    }
    part.asks = most;
    this.#serve();
  }

  /** Told when it is noted, and in the order of the batches. */
  #done(part: Part, { batch, ms, cached, saved, kept }: Of<"done">): void {
    const { device } = part;
    part.at.shift();
    this.#giving.share.did(device, batch);
    this.#crew.did(part);
    const took = { ms, ...(cached && { cached }), ...(this.#pictures !== undefined && { pictures: this.#pictures }) };
    const noted = this.#noting.note(batch, saved, kept, took).then(
      () => {
        this.#giving.share.keep(batch);
        device.didWell();
        if (device.isHelper) this.#fitness.drawn();
        part.hasCome = true;
        this.#tellDone(batch, took);
      },
      (error: unknown) => this.#fail(error),
    );
    void noted.then(() => this.#serve());
  }

  #tellDone(batch: number, took: Took): void {
    this.#inOrder.put(batch, { type: "batch", index: batch, count: this.#task.options.batches, ...took });
    this.#inOrder.close(batch);
  }

  #choose({ device }: Part, { name, is }: Of<"choose">): void {
    const { run } = this.#task;
    this.#noting.choose(name, is).then(
      (is) => device.worker.send({ type: "chosen", run, name, is }),
      (error: unknown) => this.#fail(error),
    );
  }

  #succeeded(part: Part): void {
    part.device.didWell();
    part.isLeaving = true;
    this.#succeed();
    this.#leave(part);
  }

  /** A lost card is the device's, another precision the machine's; all else is the run's. */
  #failed(part: Part, failure: RunFailure): void {
    const { device } = part;
    const isStopping = this.#life.is === "stopping";
    if (failure.code === "DEVICE_LOST" && !isStopping) {
      part.failure = failure;
      device.worker.kill();
    } else if (failure.code === "OTHER_MACHINE" && !isStopping) {
      this.#fitness.wouldDiffer(device, failure);
      if (this.#fitness.mayGoOn) this.#options.lender.unfit(device, failure.message);
      this.#leave(part);
      this.#serve();
    } else {
      this.#inOrder.sayNow(part.at[0] ?? -1);
      this.#stop(new RunStopped("failed", failure), { by: part });
    }
  }

  #refusedBy(part: Part, why: string): void {
    const now = performance.now();
    this.#fitness.refusedFor(why, now);
    this.#crew.couldNot(part, now);
    this.#left(part);
  }

  #left(part: Part): void {
    this.#leave(part);
    if (this.#options.before !== undefined && this.#giving.share.isDone) this.#succeed();
    else this.#serve();
  }

  /** Its process ended; where it was to leave anyway, or all are, that is nothing. */
  #lost(part: Part, how: Gone): void {
    for (const item of part.at) if (item !== this.#inOrder.front) this.#inOrder.drop(item);
    const isOurs = this.#life.isEnding || part.isLeaving;
    const around = { share: this.#giving.share, fitness: this.#fitness, lender: this.#options.lender };
    const loss = isOurs ? undefined : afterLoss(part, how, around);
    if (loss?.next === "fail") {
      this.#stop(new RunStopped("failed", loss.failure), { by: part, silent: loss.failure.node });
      return;
    }
    if (loss?.next === "again") this.#crew.again(part);
    else this.#leave(part);
    this.#serve();
  }

  #leave(part: Part): void {
    this.#crew.leave(part);
    this.#giving.share.giveBack(part.device, false);
    if (this.#crew.size === 0) this.#endStopped();
    const { failure, mayGoOn } = this.#fitness;
    const isForNobody = failure && this.#crew.size === 0 && !this.#giving.share.isDone && !mayGoOn;
    if (isForNobody) this.#stop(new RunStopped("failed", failure));
    this.#options.lender.giveBack(part.device);
  }

  #late(): void {
    const { deadlineMs } = this.#options;
    const node = this.#crew.parts.find((part) => part.node !== undefined)?.node;
    const message = `It took longer than ${durationText(deadlineMs)}, the limit of this server (--run-deadline)`;
    this.#stop(new RunStopped("failed", { code: "DEADLINE", message, ...(node !== undefined && { node }) }), {
      silent: node,
    });
  }

  #serve(): void {
    this.#giving.serve({ isOver: this.#life.isEnding });
  }

  #fail(error: unknown): void {
    this.#stop(new RunStopped("failed", failureOf(error, [])));
  }

  /**
   * All who are at it are told to leave it; it has ended when they have. `by`: a part that has left it already; `silent`: the
   * node at which it is stopped from outside.
   */
  #stop(why: RunStopped, { by, silent }: { readonly by?: Part; readonly silent?: string | undefined } = {}): void {
    const isFirst = this.#life.stop(why, silent);
    // Whoever lends devices must not lend it one more.
    if (by) this.#leave(by);
    if (!isFirst) return;
    if (this.#crew.size === 0) this.#endStopped();
    else this.#crew.dismiss(this.#crew.parts);
  }

  #succeed(): void {
    this.#life.succeed(() => this.#close());
  }

  /** Where it was stopped: when all that is done is noted. */
  #endStopped(): void {
    if (this.#life.is === "stopping") void this.#noting.settled.then(() => this.#life.endStopped(() => this.#close()));
  }

  #close(): void {
    this.#crew.close();
    this.#serve();
    // Who came too late to draw a batch may plan still, and never come to ask for one.
    const late = this.#crew.parts.filter(({ isLeaving }) => !isLeaving);
    if (late.length > 0) this.#crew.dismiss(late);
  }
}
