/** A run that other machines draw batches of: its order, and how many batches make a shard of the right size. */
import { rm } from "node:fs/promises";
import * as z from "zod";
import { type ComputedIn, computedIns } from "../../runtime/index.ts";
import type { Span } from "../channel/messages.ts";
import { computedInName } from "../files/output-folder.ts";
import type { Say } from "../log/say.ts";
import type { RunFailure } from "../protocol.ts";
import { expectBatches, expectSound, openPacked, type Packed } from "../shards/packed.ts";
import type { Shard } from "../shards/shard.ts";
import type { LaidOut } from "./desk.ts";

/** What came of a shard: the file with its result, why the run fails, or why the machine that was given it cannot draw it. */
export type ShardEnd = { readonly path: string } | { readonly failure: RunFailure } | { readonly refused: string };

/** The name that a file has in a run, or what else is chosen once for all of it: `is`, where nobody has chosen another. */
export type Choose = (name: string, is: string | number) => Promise<string | number>;

/** What a device says when it asks for batches. */
export interface Wish {
  readonly canSpread: boolean;
  readonly identity: string;
  readonly pictures?: number;
  readonly most: number;
}

/** Long enough that giving it out costs nothing beside it, short enough that little is lost with it. */
const shardMs = 20_000;
/** Between two pictures of a run. */
const leastMs = 250;
/** Of a first one that is tiny: the next is no leap into the unknown. */
const growth = 16;
/** What is damaged so often in a row is no accident of the way. */
const mostDamaged = 3;

export class HelpedRun {
  readonly #run: string;
  readonly #laidOut: LaidOut;
  readonly #canSpread: boolean;
  readonly #draw: (shard: Shard, signal: AbortSignal) => Promise<ShardEnd>;
  readonly #say: Say;
  readonly #begun: readonly Shard[];
  #most = 1;
  #shownAt = Number.NEGATIVE_INFINITY;
  /** Known when something of it has come. */
  #computedIn: ComputedIn | undefined;

  /** `begun`: what an earlier server gave out of it, and machines are at still. */
  constructor(
    run: string,
    laidOut: LaidOut,
    canSpread: boolean,
    draw: (shard: Shard, signal: AbortSignal) => Promise<ShardEnd>,
    say: Say,
    begun: readonly Shard[] = [],
  ) {
    this.#run = run;
    this.#laidOut = laidOut;
    this.#canSpread = canSpread;
    this.#draw = draw;
    this.#say = say;
    this.#begun = begun.filter(({ order }) => order === laidOut.hash);
  }

  get wish(): Wish {
    const { identity, pictures } = this.#laidOut.order;
    return { canSpread: this.#canSpread, identity, ...(pictures !== undefined && { pictures }), most: this.#most };
  }

  /**
   * A result that came is whole, and in the precision of the run, which `choose` knows: one that is not is removed, and drawn
   * again. Rejects when `signal` is aborted.
   */
  async draw({ from, to }: Span, choose: Choose, signal: AbortSignal): Promise<ShardEnd> {
    for (let damaged = 1; ; damaged++) {
      const drawn = await this.#draw(this.#shardOf({ from, to }, damaged), signal);
      if (!("path" in drawn)) return drawn;
      try {
        const opened = await openPacked(drawn.path);
        expectBatches(opened.about, { from, to });
        await expectSound(opened);
        await this.#expectSame(opened.about, choose);
        this.#measure(opened.about);
        return drawn;
      } catch (error) {
        await rm(drawn.path, { force: true });
        if (damaged === mostDamaged || signal.aborted) throw error;
        const why = error instanceof Error ? error.message : String(error);
        this.#say(`What came of a shard is of no use, and it is drawn again: ${why.slice(0, 500)}`, { level: "warn" });
      }
    }
  }

  /** Whether those who look on are shown what has come: four times a second at most, however many machines draw. */
  mayShow(now: number = performance.now()): boolean {
    if (now - this.#shownAt < leastMs) return false;
    this.#shownAt = now;
    return true;
  }

  /** What came damaged of an earlier server's is drawn again as this one's. */
  #shardOf({ from, to }: Span, attempt: number): Shard {
    const begun = this.#begun.find((one) => one.from === from && one.to === to);
    if (begun && attempt === 1) return begun;
    const computedIn = this.#computedIn;
    return { run: this.#run, order: this.#laidOut.hash, from, to, ...(computedIn && { computedIn }) };
  }

  /** Throws an Error for what would not fit the batches that there are. */
  async #expectSame({ names }: Packed, choose: Choose): Promise<void> {
    const { success, data: is } = z.enum(computedIns).safeParse(names[computedInName]);
    if (!success) throw new Error("It does not say in which precision it was computed");
    const begun = await choose(computedInName, is);
    this.#computedIn = begun as ComputedIn;
    if (is !== begun) throw new Error(`it was computed in ${is}, and what is done of its run in ${begun}`);
  }

  /** By the fastest batch of the last shard, since the first one of a process loads networks too; what was cached is no measure. */
  #measure({ batches }: Packed): void {
    const drawn = batches.filter(({ cached }) => !cached);
    if (drawn.length === 0) return;
    const ms = Math.min(...drawn.map((batch) => batch.ms));
    this.#most = Math.max(1, Math.min(Math.floor(shardMs / Math.max(ms, 1)), this.#most * growth));
  }
}
