/** What the batches of a run leave goes into its journal, one after the other; without a journal it is remembered alone. */
import { type Journal, type Kept, type SavedFile, together } from "../files/journal.ts";

export class Noting {
  readonly #journal: Journal | undefined;
  #kept: Kept;
  #pending = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(journal: Journal | undefined) {
    this.#journal = journal;
    this.#kept = journal?.kept ?? { spools: {}, numbers: {}, gathered: {} };
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

  async note(batch: number, saved: readonly SavedFile[], kept: Kept): Promise<void> {
    this.#pending++;
    const noted = this.#last.then(() => this.#journal?.note(batch, saved, kept));
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
