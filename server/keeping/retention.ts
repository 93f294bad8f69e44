/**
 * What goes by itself: runs that ended, the oldest first, as the rules say that were given. Never one that is pinned, that
 * somebody reads, or that has ended so lately that whoever waits for it may not have fetched what it made.
 */
import type { Say } from "../log/say.ts";
import { sizeText } from "../units.ts";
import type { Bin } from "./bin.ts";
import type { InUse } from "./in-use.ts";
import type { KeptRuns, OldRun, Place } from "./kept-runs.ts";

/** Absent: there is no such rule. */
export interface Rules {
  /** So many runs that ended are kept, the last ones. Pinned ones do not count. */
  readonly keepRuns?: number | undefined;
  /** A run is kept for so long after its end. */
  readonly keepMs?: number | undefined;
  /** What the files of all runs, the trash and the history may weigh. */
  readonly maxBytes?: number | undefined;
}

/** A run that ended is left alone so long. */
export const restMs = 10 * 60_000;

/** What was removed. */
export interface Swept {
  readonly at: string;
  readonly runs: number;
  readonly bytes: number;
}

export interface RetentionOptions {
  readonly kept: KeptRuns;
  readonly bin: Bin;
  readonly inUse: InUse;
  readonly rules: Rules;
  /** Aborted: nothing more is removed. */
  readonly ending: AbortSignal;
  readonly say: Say;
  readonly now?: () => number;
}

export class Retention {
  readonly #options: RetentionOptions;
  readonly #now: () => number;
  #sweeping: Promise<void> | undefined;
  /** By how many bytes what is left is beyond `maxBytes`: it is pinned, read, or ended just now. 0: it is not. */
  beyond = 0;
  /** The last sweep that removed something. */
  last: Swept | undefined;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  get rules(): Rules {
    return this.#options.rules;
  }

  /** One at a time: who asks meanwhile waits for the one that is under way. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = undefined;
    });
    return this.#sweeping;
  }

  async #sweep(): Promise<void> {
    const { kept, bin, inUse, rules, ending } = this.#options;
    const { keepRuns, keepMs, maxBytes } = rules;
    await bin.empty();
    if (keepRuns === undefined && keepMs === undefined && maxBytes === undefined) return;
    const beyond = async (files: number) => files + (await kept.historyBytes()) - (maxBytes ?? Infinity);
    let files = maxBytes === undefined ? 0 : (await kept.total()).bytes;
    let over = await beyond(files);
    // What people put away themselves goes before what they did not.
    if (over > 0 && (await bin.empty(() => true)) > 0) {
      files = (await kept.total()).bytes;
      over = await beyond(files);
    }
    const last = keepRuns === undefined ? undefined : await kept.allButLast(keepRuns);
    const before = keepMs === undefined ? "" : new Date(this.#now() - keepMs).toISOString();
    const rested = new Date(this.#now() - restMs).toISOString();
    const removed: OldRun[] = [];
    for await (const run of this.#oldestFirst()) {
      const isDue = isUpTo(run, last) || run.ended < before || over > 0;
      if (!isDue || run.ended > rested) break;
      if (ending.aborted) break;
      if (inUse.has(run.id) || !(await bin.remove(run.id, { unlessKept: true }))) continue;
      removed.push(run);
      files -= run.bytes;
      if (maxBytes !== undefined) over = await beyond(files);
    }
    this.#tell(removed, over);
  }

  async *#oldestFirst(): AsyncGenerator<OldRun, void> {
    let after: Place | undefined;
    for (;;) {
      const page = await this.#options.kept.oldest(after);
      if (page.length === 0) return;
      yield* page;
      after = page.at(-1);
    }
  }

  #tell(removed: readonly OldRun[], over: number): void {
    const { say, rules } = this.#options;
    const bytes = removed.reduce((sum, run) => sum + run.bytes, 0);
    if (removed.length > 0) {
      const which = removed.length === 1 ? `run ${removed[0].number}` : `${removed.length} runs`;
      say(`Removed ${which}, the oldest, with ${sizeText(bytes)} of files: ${wordsOf(rules)}`);
    }
    if (over > 0 && this.beyond === 0)
      say(
        `Runs and their history weigh ${sizeText(over)} more than --max-disk: what is left is pinned, read, or ended just now`,
        { level: "warn" },
      );
    this.beyond = Math.max(0, over);
    if (removed.length > 0) this.last = { at: new Date(this.#now()).toISOString(), runs: removed.length, bytes };
  }
}

const isUpTo = (run: Place, last: Place | undefined): boolean =>
  last !== undefined && (run.ended < last.ended || (run.ended === last.ended && run.number <= last.number));

const dayMs = 86_400_000;

const wordsOf = ({ keepRuns, keepMs, maxBytes }: Rules): string =>
  [
    ...(keepRuns === undefined ? [] : [`--keep-runs ${keepRuns}`]),
    ...(keepMs === undefined ? [] : [`--keep-days ${keepMs / dayMs}`]),
    ...(maxBytes === undefined ? [] : [`--max-disk ${sizeText(maxBytes).replace(" ", "")}`]),
  ].join(", ");
