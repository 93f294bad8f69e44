/**
 * One run on the devices that it is lent: each draws batch after batch of it, and what they say comes as from one. It is over
 * when all batches are done and the files that hold them are made, when it fails, or when it is stopped.
 */
import { Observable, type Subscriber, Subscription } from "rxjs";
import type { RunEvent } from "../../executor/index.ts";
import type { Next, PreviewMessage, RunMessage, Task } from "../channel/messages.ts";
import { failureOf } from "../channel/problems.ts";
import type { Journal, Kept } from "../files/journal.ts";
import type { RunFailure } from "../protocol.ts";
import type { Gone } from "../supervisor/child.ts";
import { durationText } from "../units.ts";
import type { Device } from "./device.ts";
import { InOrder } from "./in-order.ts";
import { Limit } from "./limit.ts";
import { Noting } from "./noting.ts";
import { Part } from "./part.ts";
import { RunStopped } from "./run-stopped.ts";
import { maxAhead, Share } from "./share.ts";
import { whyGone } from "./why-gone.ts";

/** What a run needs of whoever lends devices. */
export interface Lender {
  /** Somebody waits for one like this: it leaves a run that it is not the last at. */
  readonly isAskedFor: (device: Device) => boolean;
  /** It is nobody's now. */
  readonly giveBack: (device: Device) => void;
  /** There is something to do for one more. */
  readonly ask: () => void;
  /** Its process ended, of itself or as it lost its card. */
  readonly failed: (device: Device, how: string) => void;
  /** It would draw other pictures than those of this run, and makes its files at most. */
  readonly unfit: (device: Device, why: string) => void;
  /** All that may still be lent. */
  readonly all: () => readonly Device[];
  /** Whether some may come that are not there: what nobody here can draw waits for them. */
  readonly mayCome: () => boolean;
}

export interface SharedRunOptions {
  readonly lender: Lender;
  /** Aborted: the run is to be cancelled. */
  readonly cancel: AbortSignal;
  /** So long somebody may be at it. */
  readonly deadlineMs: number;
  /** A cancel that is not heeded for so long is enforced. */
  readonly graceMs?: number;
  /** Of several batches what is done is noted, and what was done before is left out. */
  readonly journal?: Journal | undefined;
  /** The first batch that is wanted. */
  readonly first?: number;
  /** The batch before which it ends, others making the files that hold all; absent: it is all of the run. */
  readonly before?: number;
  /** Who draws batches where they are spread: "helpers" alone, or everybody. */
  readonly drawers?: "helpers" | "all" | undefined;
}

/** A batch of others is told of by a line for each picture, no more: so many may wait for their turn. */
const maxAheadOfHelpers = 10_000;
/**
 * What is told of batches that wait for their turn is held in memory: where one lags, so much, and nobody is given another but the
 * one that they wait for. 10,000 batches of 16 pictures are 40 MB.
 */
const maxHeldCharacters = 64 * 2 ** 20;

type Said = RunEvent | PreviewMessage;
type Of<T extends RunMessage["type"]> = Extract<RunMessage, { readonly type: T }>;

export class SharedRun {
  /** Complete is succeeded, error is a RunStopped. It begins when it is subscribed to. */
  readonly events$: Observable<Said>;
  readonly #task: Task;
  readonly #options: SharedRunOptions;
  readonly #share: Share<Device>;
  readonly #parts = new Map<Device, Part>();
  #told: InOrder<RunEvent> | undefined;
  #subscriber: Subscriber<Said> | undefined;
  readonly #noting: Noting;
  /** Whether batches may be drawn side by side; known when the first device has looked. */
  #canSpread = false;
  /** Who would draw other pictures than those that there are. */
  readonly #unfit = new Map<Device, RunFailure>();
  #refused: { readonly why: string; readonly at: number } | undefined;
  /** Where a card was lost once. */
  readonly #lostAt = new Set<number>();
  #stopped: RunStopped | undefined;
  /** The node at which it was stopped from outside, which cannot say so itself. */
  #silent: string | undefined;
  #isOver = false;
  #grace: NodeJS.Timeout | undefined;
  readonly #deadline: Limit;

  /** `device`: the first that it is lent. */
  constructor(task: Task, device: Device, options: SharedRunOptions) {
    const { journal, first = 0, before: end = task.options.batches, cancel, deadlineMs, lender } = options;
    this.#options = options;
    this.#deadline = new Limit(deadlineMs, () => this.#late(deadlineMs));
    this.#noting = new Noting(journal);
    this.#task = { ...task, ...(journal && { noted: { folder: journal.folder, kept: journal.kept } }) };
    const before = journal?.before ?? new Set();
    const may = (device: Device, what: "batch" | "end", ahead: number) => this.#may(device, what, ahead);
    this.#share = new Share(end, { first, done: before, all: lender.all, may });
    this.events$ = new Observable((subscriber) => {
      this.#subscriber = subscriber;
      this.#told = new InOrder((event) => subscriber.next(event), first, before);
      for (const file of journal?.saved ?? []) subscriber.next({ type: "output", ...file });
      const onCancel = () => this.#stop(new RunStopped("cancelled"));
      cancel.addEventListener("abort", onCancel);
      this.join(device);
      if (cancel.aborted) onCancel();
      return () => {
        cancel.removeEventListener("abort", onCancel);
        this.#deadline.pause();
        // Nobody takes what is still said, and the next run must not find them at work.
        if (!this.#isOver) for (const { device } of this.#parts.values()) device.worker.kill();
        this.#isOver = true;
      };
    });
  }

  /** The devices at it, each with the batch that it is at. */
  get devices(): ReadonlyMap<Device, number | undefined> {
    return new Map([...this.#parts.values()].map(({ device, at: [batch] }) => [device, batch]));
  }

  /** What all batches that are done have kept. */
  get kept(): Kept {
    return this.#noting.kept;
  }

  /** No device is at it, and it is not over: it comes before all that waits. */
  get isAbandoned(): boolean {
    return this.#subscriber !== undefined && !this.#isOver && !this.#stopped && this.#parts.size === 0;
  }

  /** Why a helper could not draw what it was given last, and when (as performance.now() tells), until one has drawn a batch. */
  get refused(): { readonly why: string; readonly at: number } | undefined {
    return this.#refused;
  }

  /** Why nobody who is there draws on at it, where somebody may come who does. */
  get waitsFor(): string | undefined {
    if (!this.#subscriber || this.#isOver || this.#stopped || this.#share.isDone) return undefined;
    const isDrawnHere = [...this.#parts.keys()].some(({ isHelper }) => !isHelper);
    const [failure] = this.#unfit.values();
    return isDrawnHere ? undefined : (this.#refused?.why ?? (this.isAbandoned ? failure?.message : undefined));
  }

  /** Whether a device more has something to do. */
  wants(device: Device): boolean {
    if (!this.#subscriber || this.#isOver || this.#stopped || this.#parts.has(device)) return false;
    return (this.#canSpread || this.#parts.size === 0) && this.#share.has(device);
  }

  #may(device: Device, what: "batch" | "end", ahead: number): boolean {
    const { drawers = "all", before } = this.#options;
    const { isHelper } = device;
    if (what === "batch" && this.#unfit.has(device)) return false;
    if (what === "end") return !isHelper && before === undefined;
    if (ahead > 0 && this.#told && this.#told.weight > maxHeldCharacters) return false;
    if (isHelper) return ahead < maxAheadOfHelpers;
    return ahead < maxAhead && (drawers === "all" || !this.#canSpread || this.#task.options.batches === 1);
  }

  join(device: Device): void {
    const { worker } = device;
    const part = new Part(device, new Subscription());
    const hear = (message: RunMessage) => message.run === this.#task.run && this.#hear(part, message);
    part.heard.add(worker.messages.subscribe(hear));
    part.heard.add(worker.gone.subscribe((how) => this.#lost(part, how)));
    device.run = this.#task.run;
    this.#parts.set(device, part);
    this.#deadline.count();
    worker.send({ type: "run", task: this.#task });
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
    event: (part, { event }) => this.#told?.put(part.at[0] ?? this.#told.front, part.seen(event)),
    // Of the one whose turn it is: pictures of several batches by turns would be of none.
    preview: (part, message) => {
      if (part.at.at(-1) === this.#told?.front) this.#subscriber?.next(message);
    },
    end: (part, message) => {
      if (message.state === "succeeded") this.#succeeded(part);
      else if (message.state === "failed") this.#failed(part, message.failure);
      else {
        if (message.state === "refused") this.#refusedBy(part, message.why);
        this.#leave(part);
        if (this.#options.before !== undefined && this.#share.isDone) this.#end(undefined);
        else this.#serve();
      }
    },
  };

  #succeeded(part: Part): void {
    part.device.didWell();
    part.isLeaving = true;
    this.#end(undefined);
    this.#leave(part);
  }

  /** A lost card is the device's, another precision the machine's; all else is the run's. */
  #failed(part: Part, failure: RunFailure): void {
    const { device } = part;
    if (failure.code === "DEVICE_LOST" && !this.#stopped) {
      part.failure = failure;
      device.worker.kill();
    } else if (failure.code === "OTHER_MACHINE" && !this.#stopped) {
      this.#unfit.set(device, failure);
      if (this.#mayGoOn()) this.#options.lender.unfit(device, failure.message);
      this.#leave(part);
      this.#serve();
    } else {
      this.#told?.sayNow(part.at[0] ?? -1);
      this.#stop(new RunStopped("failed", failure), { by: part });
    }
  }

  /** Where nobody else was at work meanwhile, nobody was. */
  #refusedBy(part: Part, why: string): void {
    const now = performance.now();
    this.#refused = { why, at: now };
    const isAlone = [...this.#parts.values()].every((other) => other === part || other.at.length === 0);
    if (isAlone) this.#deadline.giveBack(now - part.givenAt);
  }

  /** Whether its batches may be drawn by somebody besides these. */
  #mayOthers(besides: ReadonlySet<Device> = new Set()): boolean {
    return this.#options.lender.all().some((device) => !besides.has(device) && !this.#unfit.has(device));
  }

  /** Whether they are drawn at last: by who is there, or who may come. */
  #mayGoOn(): boolean {
    return this.#mayOthers() || this.#options.lender.mayCome();
  }

  #asked(part: Part, { canSpread, identity, most = 1 }: Of<"next">): void {
    try {
      this.#noting.expectSame(identity);
    } catch (error) {
      this.#stop(new RunStopped("failed", failureOf(error, [])));
      return;
    }
    this.#canSpread = canSpread;
    // Of a run of one batch nobody says that it is done.
    if (this.#task.options.batches === 1 && part.at.shift() === 0) {
      this.#share.did(part.device, 0);
      this.#share.keep(0);
      this.#told?.close(0);
    }
    part.asks = most;
    this.#serve();
  }

  /** Answers those who ask, where something is to be done for them or never will be. */
  #serve(): void {
    const isOver = this.#isOver || this.#stopped !== undefined;
    for (const part of this.#parts.values()) {
      if (part.asks === 0) continue;
      const { device } = part;
      const isLast = [...this.#parts.values()].every((other) => other === part || other.isLeaving);
      // Who waits has no use for a helper.
      const stays = !isOver && (isLast || device.isHelper || !this.#options.lender.isAskedFor(device));
      const items = stays ? this.#share.take(device, this.#atOnce(part.asks)) : [];
      // What is to be done next may be known when what was done is noted.
      const isComing = this.#noting.pending > 0 || part.at.length > 0;
      if (items.length === 0 && !isOver && isLast && isComing) continue;
      part.asks = 0;
      part.isLeaving = items.length === 0;
      if (part.at.length === 0) part.givenAt = performance.now();
      part.at.push(...items);
      device.worker.send({ type: "next", run: this.#task.run, is: this.#nextOf(items) });
    }
    if (!isOver) this.#options.lender.ask();
  }

  /** The last batches are divided among all, in small parts: nobody ends long after the others. */
  #atOnce(asked: number): number {
    return Math.max(1, Math.min(asked, Math.ceil(this.#share.left / (2 * this.#parts.size))));
  }

  #nextOf([first, ...more]: readonly number[]): Next {
    if (first === undefined) return "leave";
    if (first === this.#share.end) return { end: this.#noting.kept };
    return more.length === 0 ? first : { from: first, to: first + more.length + 1 };
  }

  /** Told when it is noted, and in the order of the batches. */
  #done(part: Part, { batch, of, ms, saved, kept }: Of<"done">): void {
    const { device } = part;
    part.at.shift();
    this.#share.did(device, batch);
    this.#noting
      .note(batch, saved, kept)
      .then(
        () => {
          this.#share.keep(batch);
          device.didWell();
          if (device.isHelper) this.#refused = undefined;
          part.hasCome = true;
          this.#told?.put(batch, { type: "batch", index: batch, count: of, ms });
          this.#told?.close(batch);
        },
        (error: unknown) => this.#stop(new RunStopped("failed", failureOf(error, []))),
      )
      .then(() => this.#serve());
  }

  #choose({ device }: Part, { name, is }: Of<"choose">): void {
    const { run } = this.#task;
    this.#noting.choose(name, is).then(
      (is) => device.worker.send({ type: "chosen", run, name, is }),
      (error: unknown) => this.#stop(new RunStopped("failed", failureOf(error, []))),
    );
  }

  /** Its process ended: what it was at is given to others, or to its next process. */
  #lost(part: Part, how: Gone): void {
    const { device, chance, hasCome } = part;
    const isOurs = this.#stopped !== undefined || this.#isOver || part.isLeaving;
    const { unusable } = device.worker;
    const failure = unusable === undefined ? (part.failure ?? how.failure ?? whyGone(how, part.node)) : lost(unusable);
    for (const item of part.at) if (item !== this.#told?.front) this.#told?.drop(item);
    const items = this.#share.giveBack(device, !isOurs && chance === "taken");
    if (isOurs) {
      this.#leave(part);
      this.#serve();
      return;
    }
    const failed = this.#share.failedWith(items);
    // Where two failed at the same it was not theirs.
    const isItself = failed.size > 1;
    if (!isItself) this.#options.lender.failed(device, failure.message);
    else for (const one of failed) if (one !== device) one.forgive();
    const all = this.#options.lender.all();
    const mayOthers = !isItself && this.#mayOthers(new Set([...failed, device]));
    const isNoFault = hasCome || mayOthers || this.#isFirstLoss(failure, items[0]);
    const again = chance === "first" || (!isItself && isNoFault);
    if (!again || all.length === 0) {
      this.#stop(new RunStopped("failed", failure), { by: part, silent: failure.node });
      return;
    }
    if (device.out !== undefined || (mayOthers && !this.#share.has(device))) this.#leave(part);
    else {
      part.again();
      device.worker.send({ type: "run", task: this.#task });
    }
    this.#serve();
  }

  /** A lost card may be found by the next process, once. */
  #isFirstLoss({ code }: RunFailure, at = -1): boolean {
    if (code !== "DEVICE_LOST" || this.#lostAt.has(at)) return false;
    this.#lostAt.add(at);
    return true;
  }

  #leave({ device, heard }: Part): void {
    heard.unsubscribe();
    this.#share.giveBack(device, false);
    this.#parts.delete(device);
    device.run = undefined;
    if (this.#parts.size === 0) {
      clearTimeout(this.#grace);
      this.#deadline.pause();
    }
    if (this.#stopped && this.#parts.size === 0) void this.#noting.settled.then(() => this.#end(this.#stopped));
    const [failure] = this.#unfit.values();
    const isForNobody = failure && this.#parts.size === 0 && !this.#share.isDone && !this.#mayGoOn();
    if (isForNobody) this.#stop(new RunStopped("failed", failure));
    this.#options.lender.giveBack(device);
  }

  #late(deadlineMs: number): void {
    const node = [...this.#parts.values()].find((part) => part.node !== undefined)?.node;
    const message = `It took longer than ${durationText(deadlineMs)}, the limit of this server (--run-deadline)`;
    this.#stop(new RunStopped("failed", { code: "DEADLINE", message, ...(node !== undefined && { node }) }), {
      silent: node,
    });
  }

  /**
   * All who are at it are told to leave it; it has ended when they have. `by`: a part that has left it already; `silent`: the
   * node at which it is stopped from outside.
   */
  #stop(why: RunStopped, { by, silent }: { readonly by?: Part; readonly silent?: string | undefined } = {}): void {
    const isFirst = !this.#isOver && !this.#stopped;
    if (isFirst) {
      this.#stopped = why;
      this.#silent = silent;
    }
    // Whoever lends devices must not lend it one more.
    if (by) this.#leave(by);
    if (!isFirst) return;
    if (this.#parts.size === 0) {
      void this.#noting.settled.then(() => this.#end(why));
      return;
    }
    this.#dismiss([...this.#parts.values()]);
  }

  /** They are told to let go of it, and made to when they do not. */
  #dismiss(parts: readonly Part[]): void {
    for (const { device } of parts) device.worker.send({ type: "cancel", run: this.#task.run });
    this.#grace = setTimeout(() => {
      for (const part of parts) if (this.#parts.get(part.device) === part) part.device.worker.kill();
    }, this.#options.graceMs ?? 1_500);
  }

  #end(how: RunStopped | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#deadline.pause();
    this.#serve();
    // Who came too late to draw a batch may plan still, and never come to ask for one.
    const late = [...this.#parts.values()].filter(({ isLeaving }) => !isLeaving);
    if (late.length > 0) this.#dismiss(late);
    if (how?.failure && this.#silent !== undefined)
      this.#subscriber?.next({ type: "node", path: this.#silent, state: "failed", message: how.failure.message });
    if (how) this.#subscriber?.error(how);
    else this.#subscriber?.complete();
  }
}

/** No process can start on it. */
const lost = (why: string): RunFailure => ({ code: "DEVICE_LOST", message: `The device cannot be used: ${why}` });
