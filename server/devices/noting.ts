/** What the batches of a run leave goes into its journal, one after the other; without a journal it is remembered alone. */

import type { DoneBatch, Journal } from "../files/journal.ts";
import { type Kept, type SavedFile, type Took, together } from "../files/journal-lines.ts";

export class Noting {
  readonly #journal: Journal | undefined;
  #kept: Kept;
  /** Of all that the pictures of the run depend on, since the first was drawn. */
  #identity: string | undefined;
  #pending = 0;
  /** What is written next, and when that is done. */
  readonly #due: DoneBatch[] = [];
  #next: Promise<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(journal: Journal | undefined) {
    this.#journal = journal;
    this.#kept = journal?.kept ?? { spools: {}, numbers: {}, gathered: {} };
    this.#identity = journal?.identity;
  }

  /** Of all batches that are done. */
  get kept(): Kept {
    return this.#kept;
  }

  /** How many are on their way. */
  get pending(): number {
    return this.#pending;
  }

  /** Resolves when none is on its way any more. */
  get settled(): Promise<unknown> {
    return this.#last;
  }

  /** Whoever draws a batch says what its pictures depend on. Throws an Error where that is not what drew the others. */
  expectSame(identity: string): void {
    this.#identity ??= identity;
    if (identity !== this.#identity)
      throw new Error(
        "A model, a picture or an array that it names, --precision or the version of GuideGraph is another than when this run began: its next batches would not fit those that are done. Submit it again",
      );
  }

  /** Those that are told of together, as of what another machine drew, are noted together: a server that is killed knows all or none. */
  async note(batch: number, saved: readonly SavedFile[], kept: Kept, took: Took): Promise<void> {
    this.#pending++;
    this.#due.push({ batch, saved, kept, took });
    this.#next ??= this.#last.then(() => {
      this.#next = undefined;
      return this.#journal?.noteAll(this.#due.splice(0), this.#identity);
    });
    const noted = this.#next;
    this.#last = noted.catch(() => {});
    try {
      await noted;
      this.#kept = together(this.#kept, kept);
    } finally {
      this.#pending--;
    }
  }

  async choose<T extends string | number>(name: string, is: T): Promise<T> {
    return this.#journal ? this.#journal.choose(name, is) : is;
  }
}
