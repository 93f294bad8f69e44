/**
 * Whether what a process keeps its things in is still what it opened. A file that is open goes on taking what is written when
 * its folder is removed, or a disk is taken away from below it; with the process all of that is gone, and nothing fails before.
 */
import type { BigIntStats } from "node:fs";
import { stat } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";

export interface Place {
  /** In words, with a capital: "The data folder". */
  readonly called: string;
  readonly path: string;
  /** "self": it alone will do, since something in it, or it itself, is open. "folder": any folder on the same disk. */
  readonly kept: "self" | "folder";
}

interface Known extends Place {
  readonly before: BigIntStats;
}

/** So often it is looked by itself. */
const everyMs = 1_000;
/** So long whoever must not wait waits for a disk. */
const brieflyMs = 250;

export class StillThere {
  readonly #places: readonly Known[];
  /** "server": who is to be started anew. */
  readonly #who: string;
  #amiss: string | undefined;
  #isLost = false;
  #looking: Promise<string | undefined> | undefined;

  private constructor(places: readonly Known[], who: string) {
    this.#places = places;
    this.#who = who;
  }

  /** Remembers what is there now. */
  static async of(places: readonly Place[], who: "server" | "worker"): Promise<StillThere> {
    const known = places.map(async (place) => ({ ...place, before: await stat(place.path, { bigint: true }) }));
    return new StillThere(await Promise.all(known), who);
  }

  /** Why nothing can be kept, and what to do, by the last look; undefined: all is where it was. */
  get amiss(): string | undefined {
    return this.#amiss;
  }

  /** Whether, by the last look, something is away that is open, so that what is written goes with it. */
  get isLost(): boolean {
    return this.#isLost;
  }

  look(): Promise<string | undefined> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** What is known of it soon, of a disk that does not answer too. */
  lookBriefly(): Promise<string | undefined> {
    return Promise.race([this.look(), wait(brieflyMs, undefined, { ref: false }).then(() => this.#amiss)]);
  }

  /** Looks again and again, and tells when it has become otherwise. Gives what ends it. */
  watch(changed: (amiss: string | undefined) => void, ms = everyMs): () => void {
    let told: string | undefined;
    const timer = setInterval(async () => {
      const amiss = await this.look();
      if (amiss === told) return;
      told = amiss;
      changed(amiss);
    }, ms).unref();
    return () => clearInterval(timer);
  }

  async #look(): Promise<string | undefined> {
    const found = await Promise.all(this.#places.map((place) => how(place)));
    const at = found.findIndex((one) => one !== undefined);
    this.#isLost = this.#places.some(({ kept }, i) => kept === "self" && found[i] !== undefined);
    if (at < 0) this.#amiss = undefined;
    else {
      const { called, kept } = this.#places[at];
      const back = kept === "self" ? "put back the one it opened" : "make or mount it again";
      this.#amiss = `${called} ${found[at]}: nothing new is taken, as it would be lost. Either ${back}, or start the ${this.#who} anew`;
    }
    return this.#amiss;
  }
}

/** What is wrong with it; undefined: it is still there. */
async function how({ path, kept, before }: Known): Promise<string | undefined> {
  try {
    const now = await stat(path, { bigint: true });
    if (now.dev !== before.dev || (kept === "self" && now.ino !== before.ino)) return "is another than was opened";
    return now.isDirectory() === before.isDirectory() ? undefined : "is no folder any more";
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    return ["ENOENT", "ENOTDIR"].includes(code) ? "is gone" : `cannot be looked at (${code})`;
  }
}
