/**
 * How far a run has come, in `OUT/.guidegraph/IDENTITY/`: a line for each name it chose and each batch that is done, in
 * whichever order and by whichever process, and what is on its way into files. A line is written when all it speaks of is on
 * the disk, so after Ctrl-C, a crash or a power cut the same run goes on with what is left. When it is over all of it goes.
 */
import { type FileHandle, open } from "node:fs/promises";
import { removeUnfinished, writePieces } from "./atomic.ts";
import { takeLock } from "./folder-lock.ts";
import {
  chosenIn,
  doneIn,
  journalIn,
  type Kept,
  type Line,
  linesIn,
  type SavedFile,
  type Took,
  together,
} from "./journal-lines.ts";
import { journalFolder, removeHeld, sweep } from "./journals.ts";
import { NoLocks } from "./lock-file.ts";
import { withoutLost } from "./lost-batches.ts";

/** A batch that is done, counted from 0. `took`: for whoever is told of it by the next to go on with the run. */
export interface DoneBatch {
  readonly batch: number;
  readonly saved: readonly SavedFile[];
  readonly kept: Kept;
  readonly took?: Took;
}

export class Journal {
  readonly folder: string;
  /** The batches that an interrupted run has done, from 0. */
  readonly before: ReadonlySet<number>;
  /** What these saved. */
  readonly saved: readonly SavedFile[];
  /** Each of them, with what it saved and how long it took, where that was noted. */
  readonly noted: readonly Omit<DoneBatch, "kept">[];
  /** All that was kept when it was opened. */
  readonly kept: Kept;
  /** Of what drew the last of them, where that was noted. */
  readonly identity: string | undefined;
  /** What of it could not be read, or is gone of what it tells of, in words: such batches are drawn again. */
  readonly damage: string | undefined;
  readonly #file: FileHandle;
  readonly #release: () => void;
  readonly #names: Map<string, string | number>;
  readonly #done: Set<number>;

  private constructor(
    folder: string,
    file: FileHandle,
    release: () => void,
    lines: readonly Line[],
    damage: string | undefined,
  ) {
    this.folder = folder;
    this.damage = damage;
    this.#file = file;
    this.#release = release;
    this.#names = chosenIn(lines);
    const batches = lines.flatMap((one) => ("done" in one ? [one] : []));
    this.before = new Set([...doneIn(lines)].map((done) => done - 1));
    this.identity = batches.at(-1)?.identity;
    this.saved = batches.flatMap(({ saved }) => saved);
    this.noted = batches.map(({ done, saved, took }) => ({ batch: done - 1, saved, ...(took && { took }) }));
    this.kept = batches.reduce(together, { spools: {}, numbers: {}, gathered: {} });
    this.#done = new Set(this.before);
  }

  /**
   * Throws when another process runs the same into the same folder, or nobody can tell; unless `withoutLocks` is there to be told
   * so, and the file system has no locks: then it goes on.
   */
  static async open(out: string, identity: string, withoutLocks?: (why: NoLocks) => void): Promise<Journal> {
    await sweep(out);
    const folder = journalFolder(out, identity);
    const release = await takeLock(folder, (owner) => `The same run is going on in ${out}, in ${owner}`).catch(
      (error) => {
        if (!withoutLocks || !(error instanceof NoLocks)) throw error;
        withoutLocks(error);
        return () => {};
      },
    );
    try {
      await removeUnfinished(folder);
      const { lines: noted, bytes, damaged } = await linesIn(folder);
      const isBegun = doneIn(noted).size > 0;
      const { lines, batches: lost } = await withoutLost(folder, noted);
      // At once, or a moment without a journal would lose all of it.
      if (lost > 0) await writePieces(journalIn(folder), lines.map(textOf));
      const file = await open(journalIn(folder), "a");
      // A line that was cut off goes, or the next would be joined to it; and all of them where nothing is done that is bound by them.
      if (lost === 0) await file.truncate(isBegun ? bytes : 0);
      return new Journal(folder, file, release, isBegun ? lines : [], damageOf(folder, damaged, lost));
    } catch (error) {
      release();
      throw error;
    }
  }

  /** What files are called, and the number of each stem's first picture, as far as that is chosen. */
  get names(): ReadonlyMap<string, string | number> {
    return this.#names;
  }

  /** How many batches are done. */
  get done(): number {
    return this.#done.size;
  }

  /** The name that a file has, or the number of a stem's first picture, as it was chosen before, or as it is chosen now. */
  async choose<T extends string | number>(name: string, is: T): Promise<T> {
    const known = this.#names.get(name) as T | undefined;
    if (known !== undefined) return known;
    this.#names.set(name, is);
    await this.#write({ name, is });
    // After a power cut pictures that have a name must not be taken for another run's.
    await this.#file.sync();
    return is;
  }

  /** A batch, counted from 0, is done, and its files are kept. */
  note(batch: number, saved: readonly SavedFile[], kept: Kept): Promise<void> {
    return this.noteAll([{ batch, saved, kept }]);
  }

  /**
   * Batches are done, and their files are kept: all of them are noted, or none. `identity`: of all that their pictures depend on,
   * for a run that is known by its name alone.
   */
  async noteAll(all: readonly DoneBatch[], identity?: string): Promise<void> {
    const lines = all.map(({ batch, saved, kept, took }): Line => {
      const known = { ...(identity !== undefined && { identity }), ...(took && { took }) };
      return { done: batch + 1, ...kept, saved: [...saved], ...known };
    });
    for (const { batch } of all) this.#done.add(batch);
    await this.#write(...lines);
    await this.#file.sync();
  }

  /** Leaves what the same run will go on with, if a batch of it is done; nothing otherwise, or when all is `over`. */
  async close(isOver: boolean): Promise<void> {
    await this.#file.close();
    if (isOver || this.#done.size === 0) await removeHeld(this.folder, this.#release);
    else this.#release();
  }

  async #write(...lines: readonly Line[]): Promise<void> {
    await this.#file.appendFile(Buffer.concat(lines.map(textOf)));
  }
}

const textOf = (one: Line): Buffer => Buffer.from(`${JSON.stringify(one)}\n`);

function damageOf(folder: string, damaged: number, lost: number): string | undefined {
  const said = [
    damaged > 0 &&
      `${journalIn(folder)} is damaged: of its last ${damaged} line${damaged === 1 ? "" : "s"} nothing is taken, and batches that they told of are drawn again`,
    lost > 0 &&
      `In ${folder} rows are missing that were written: ${lost === 1 ? "the batch that they are of is" : `the ${lost} batches that they are of are`} drawn again`,
  ].filter((one) => one !== false);
  return said.length > 0 ? said.join(". ") : undefined;
}
