/** A run that other machines draw batches of: its order, and how many batches make a shard of the right size. */
import { rm } from "node:fs/promises";
import type { Span } from "../channel/messages.ts";
import type { Say } from "../log/say.ts";
import type { RunFailure } from "../protocol.ts";
import { expectBatches, expectSound, openPacked, type Packed } from "../shards/packed.ts";
import type { Shard } from "../shards/shard.ts";
import type { LaidOut } from "./desk.ts";

/** What came of a shard: the file with its result, or why the run fails. */
export type Drawn = { readonly path: string } | { readonly failure: RunFailure };

/** What a device says when it asks for batches. */
export interface Wish {
  readonly canSpread: boolean;
  readonly identity: string;
  readonly most: number;
}

/** Long enough that giving it out costs nothing beside it, short enough that little is lost with it. */
const shardMs = 20_000;
/** Of a first one that is tiny: the next is no leap into the unknown. */
const growth = 16;
/** What is damaged so often in a row is no accident of the way. */
const mostDamaged = 3;

export class Drawing {
  readonly #run: string;
  readonly #laidOut: LaidOut;
  readonly #canSpread: boolean;
  readonly #draw: (shard: Shard, signal: AbortSignal) => Promise<Drawn>;
  readonly #say: Say;
  #most = 1;

  constructor(
    run: string,
    laidOut: LaidOut,
    canSpread: boolean,
    draw: (shard: Shard, signal: AbortSignal) => Promise<Drawn>,
    say: Say,
  ) {
    this.#run = run;
    this.#laidOut = laidOut;
    this.#canSpread = canSpread;
    this.#draw = draw;
    this.#say = say;
  }

  get wish(): Wish {
    return { canSpread: this.#canSpread, identity: this.#laidOut.order.identity, most: this.#most };
  }

  /** A result that came is whole: one that is damaged is removed, and drawn again. Rejects when `signal` is aborted. */
  async draw({ from, to }: Span, signal: AbortSignal): Promise<Drawn> {
    for (let damaged = 1; ; damaged++) {
      const drawn = await this.#draw({ run: this.#run, order: this.#laidOut.hash, from, to }, signal);
      if (!("path" in drawn)) return drawn;
      try {
        const opened = await openPacked(drawn.path);
        expectBatches(opened.about, { from, to });
        await expectSound(opened);
        this.#measure(opened.about);
        return drawn;
      } catch (error) {
        await rm(drawn.path, { force: true });
        if (damaged === mostDamaged) throw error;
        const why = error instanceof Error ? error.message : String(error);
        this.#say(`What came of a shard is damaged, and it is drawn again: ${why.slice(0, 500)}`, { level: "warn" });
      }
    }
  }

  /** By the fastest batch of the last shard, since the first one of a process loads networks too. */
  #measure({ batches }: Packed): void {
    const ms = Math.min(...batches.map((batch) => batch.ms));
    this.#most = Math.max(1, Math.min(Math.floor(shardMs / Math.max(ms, 1)), this.#most * growth));
  }
}
