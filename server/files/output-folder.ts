/**
 * The folder that runs on the command line write to, one after another: nothing in it is ever written over. A run of many
 * batches keeps a journal there, and the same run goes on with it.
 */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { freeName, memorySpool, type Numbers, type Pieces, type Spool, type Store } from "../../runtime/index.ts";
import { Journal, type SavedFile } from "./journal.ts";
import { Marked } from "./marked.ts";
import { saveInto } from "./save-into.ts";

export class OutputFolder implements Store {
  readonly #folder: string;
  readonly #journal: Journal | undefined;
  readonly #save: Store["save"];

  private constructor(folder: string, journal?: Journal) {
    this.#folder = folder;
    this.#journal = journal;
    this.#save = saveInto(folder, journal?.folder);
  }

  /** `identity`: of the run, the same for the same pictures. Of a run in one go nothing is noted. */
  static async open(folder: string, identity?: string): Promise<OutputFolder> {
    return new OutputFolder(folder, identity === undefined ? undefined : await Journal.open(folder, identity));
  }

  /** How many batches the same run has done before. */
  get before(): number {
    return this.#journal?.before ?? 0;
  }

  /** What an interrupted run of the same left in this place is the same; else it is another's, and stays. */
  async save(name: string, pieces: Pieces): Promise<string> {
    const path = join(this.#folder, name);
    try {
      if (!existsSync(path)) return await this.#save(name, pieces);
      const [there, ours] = [await hashOf(createReadStream(path)), await hashOf(pieces)];
      if (there !== ours) throw new Error("another file has that name");
      return there;
    } catch (error) {
      throw new Error(`Cannot write ${path}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }

  async numbers(stem: string, from: number, to: number): Promise<Numbers> {
    const first = () => {
      const there = existsSync(this.#folder) ? readdirSync(this.#folder) : [];
      const taken = there.flatMap((name) => numberIn(name, stem));
      const isFree = taken.every((number) => number < from || number >= to);
      return isFree ? from : Math.max(...taken) + 1;
    };
    const numbers = await (this.#journal?.numbers(stem, first) ?? new Marked(first()));
    return { take: (count, batch) => numbers.add(count, batch) };
  }

  async free(stem: string, extension: string): Promise<string> {
    const free = () => freeName(stem, extension, (name) => existsSync(join(this.#folder, name)));
    return this.#journal ? this.#journal.name(`${stem}${extension}`, free) : free();
  }

  async spool(name: string): Promise<Spool> {
    return this.#journal ? this.#journal.spool(name) : memorySpool();
  }

  /** What these saved. */
  get saved(): readonly SavedFile[] {
    return this.#journal?.saved ?? [];
  }

  /** A batch, counted from 0, is done, and saved these. */
  async note(batch: number, saved: readonly SavedFile[]): Promise<void> {
    await this.#journal?.note(batch, saved);
  }

  /** Resolves to how many batches are done, where they are noted. */
  async close(isOver: boolean): Promise<number> {
    return (await this.#journal?.close(isOver)) ?? 0;
  }
}

/** The number of a picture of that stem: "star-0012.png" → 12. */
function numberIn(name: string, stem: string): number[] {
  if (!name.startsWith(`${stem}-`)) return [];
  const [, digits] = /^(\d{4,9})\.png$/.exec(name.slice(stem.length + 1)) ?? [];
  return digits === undefined ? [] : [Number(digits)];
}

async function hashOf(pieces: Pieces): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}
