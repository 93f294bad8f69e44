/**
 * What the devices at a run are given when they ask: who may have what, how far ahead of the others and how many batches at once.
 * Nothing is to leave.
 */
import type { RunEvent } from "../../executor/index.ts";
import type { Next, Span, Task } from "../channel/messages.ts";
import type { Kept } from "../files/journal-lines.ts";
import type { Crew } from "./crew.ts";
import type { Device } from "./device.ts";
import type { Fitness } from "./fitness.ts";
import type { InOrder } from "./in-order.ts";
import type { Lender } from "./lender.ts";
import type { Noting } from "./noting.ts";
import { type Item, maxAhead, Share } from "./share.ts";

/** A batch of others is told of by a line for each picture, no more: so many may wait for their turn. */
const maxAheadOfHelpers = 10_000;
/**
 * What is told of batches that wait for their turn is held in memory: where one lags, so much, and nobody is given another but the
 * one that they wait for. 10,000 batches of 16 pictures are 40 MB.
 */
const maxHeldCharacters = 64 * 2 ** 20;

export interface GivingOptions {
  readonly task: Task;
  readonly lender: Lender;
  readonly crew: Crew;
  readonly fitness: Fitness;
  readonly inOrder: InOrder<RunEvent>;
  readonly noting: Noting;
  /** Batches that were done before. */
  readonly done: Iterable<number>;
  /** Batches that other machines are at since before this began. */
  readonly begun: readonly Span[];
  /** The first batch that is wanted, and the one before which it ends. */
  readonly first: number;
  readonly end: number;
  /** Others make the files that hold all batches. */
  readonly isPart: boolean;
  /** Helpers alone draw batches that may be drawn side by side. */
  readonly isForHelpers: boolean;
}

export class Giving {
  readonly share: Share<Device>;
  /** Whether batches may be drawn side by side; known when the first device has looked. */
  canSpread = false;
  readonly #options: GivingOptions;

  constructor(options: GivingOptions) {
    const { lender, end, ...some } = options;
    this.#options = options;
    const may = (device: Device, what: "batch" | "end", ahead: number) => this.#may(device, what, ahead);
    this.share = new Share(end, { ...some, all: lender.all, may });
  }

  /** Whether a device that comes has something to do. */
  wants(device: Device): boolean {
    const { crew } = this.#options;
    return !crew.has(device) && (this.canSpread || crew.size === 0) && this.share.has(device);
  }

  /** Answers those who ask, where something is to be done for them or never will be. */
  serve({ isOver }: { readonly isOver: boolean }): void {
    const { crew, lender, noting, task } = this.#options;
    for (const part of crew.parts) {
      if (part.asks === 0) continue;
      const { device } = part;
      const isLast = crew.isLast(part);
      // Who waits has no use for a helper.
      const stays = !isOver && (isLast || device.isHelper || !lender.isAskedFor(device));
      const items = stays ? this.#take(device, part.asks) : [];
      // What is to be done next may be known when what was done is noted.
      const isComing = noting.pending > 0 || part.at.length > 0;
      if (items.length === 0 && !isOver && isLast && isComing) continue;
      part.asks = 0;
      part.isLeaving = items.length === 0;
      part.at.push(...items);
      device.worker.send({ type: "next", run: task.run, is: nextOf(items, this.share.end, noting.kept) });
    }
    if (!isOver) lender.ask();
  }

  /** Whoever waits for other machines waits first for what these are at already. */
  #take(device: Device, asks: number): readonly Item[] {
    const begun = device.isHelper ? this.share.takeBegun(device) : [];
    return begun.length > 0 ? begun : this.share.take(device, this.#atOnce(asks));
  }

  #may(device: Device, what: "batch" | "end", ahead: number): boolean {
    const { isHelper } = device;
    const { fitness, inOrder, isPart, isForHelpers, task } = this.#options;
    if (what === "end") return !isHelper && !isPart;
    if (fitness.isUnfit(device) || (ahead > 0 && inOrder.weight > maxHeldCharacters)) return false;
    if (isHelper) return ahead < maxAheadOfHelpers;
    return ahead < maxAhead && !(isForHelpers && this.canSpread && task.options.batches > 1);
  }

  /** The last batches are divided among all, in small parts: nobody ends long after the others. */
  #atOnce(asked: number): number {
    return Math.max(1, Math.min(asked, Math.ceil(this.share.left / (2 * this.#options.crew.size))));
  }
}

function nextOf([first, ...more]: readonly Item[], end: Item, kept: Kept): Next {
  if (first === undefined) return "leave";
  if (first === end) return { end: kept };
  return more.length === 0 ? first : { from: first, to: first + more.length + 1 };
}
