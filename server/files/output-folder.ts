/**
 * The folder that runs write to, one after another: nothing in it is ever written over. What a run of several batches has
 * done is noted beside it (journal.ts), perhaps by another process than this one, which draws some of them.
 */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { freeFileName } from "../../graphs/document/index.ts";
import {
  type ComputedIn,
  type Gathered,
  memorySpool,
  type Numbers,
  type Pieces,
  type Spool,
  type Store,
} from "../../runtime/index.ts";
import { FileSpool } from "./file-spool.ts";
import { alone } from "./folder-lock.ts";
import type { Kept } from "./journal-lines.ts";
import { namesIn } from "./journals.ts";
import { rowsIn } from "./lost-batches.ts";
import { Marked } from "./marked.ts";
import { saveInto } from "./save-into.ts";

/** What is chosen under this name is no file's, whose names have no slash. */
export const computedInName = "/computed in";

/** Neither is what is chosen under this: how many pictures of a stem there will be. */
const countOf = (stem: string): string => `/count of ${stem}`;

/** So many numbers are held for a run that does not know how many pictures it will save: a loop of 1,000 steps, 1,000 at each. */
const ofUnknown = 1_000_000;

type Names = ReadonlyMap<string, string | number>;

/** What is noted of a run, for whoever draws batches of it. */
export interface Noted {
  /** Where what is on its way into files lies. */
  readonly folder: string;
  readonly kept: Kept;
  /** The name that a file has, or the number of a stem's first picture, as it was chosen before, or by this. */
  choose<T extends string | number>(name: string, is: T): Promise<T>;
}

export class OutputFolder implements Store {
  readonly gathered: Map<string, Gathered>;
  readonly #folder: string;
  readonly #noted: Noted | undefined;
  readonly #save: Store["save"];
  readonly #spools = new Map<string, FileSpool>();
  readonly #numbers = new Map<string, Marked>();

  /** Where nothing is noted the folder is one run's alone. */
  constructor(folder: string, noted?: Noted) {
    this.#folder = folder;
    this.#noted = noted;
    this.#save = saveInto(folder, noted?.folder);
    this.gathered = new Map(Object.entries(noted?.kept.gathered ?? {}));
  }

  /** What an interrupted run of the same left in this place is the same; else it is another's, and stays. */
  async save(name: string, pieces: Pieces): Promise<string> {
    const path = join(this.#folder, name);
    try {
      if (!existsSync(path)) return await this.#save(name, pieces);
      const [there, ours] = [await hashOf(createReadStream(path)), await hashOf(pieces)];
      if (there !== ours)
        throw new Error(
          "another file has that name, of another run or of this one on another kind of device. Move it away and start again",
        );
      return there;
    } catch (error) {
      throw new Error(`Cannot write ${path}: ${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }

  async numbers(stem: string, from: number, to: number, count = ofUnknown): Promise<Numbers> {
    const first = await this.#inTurn(async () => {
      const free = this.#freeNumber(stem, from, to, await namesIn(this.#folder));
      const first = (await this.#noted?.choose(`${stem}-`, free)) ?? free;
      await this.#noted?.choose(countOf(stem), count);
      return first;
    });
    const numbers = new Marked(this.#noted?.kept.numbers[stem] ?? first);
    this.#numbers.set(stem, numbers);
    return { take: (count, { batch, at }) => numbers.add(count, batch, at === undefined ? undefined : first + at) };
  }

  #freeNumber(stem: string, from: number, to: number, chosen: readonly Names[]): number {
    const there = existsSync(this.#folder) ? readdirSync(this.#folder) : [];
    const taken = [...there.flatMap((name) => numberIn(name, stem)), ...chosen.flatMap((one) => reservedIn(one, stem))];
    const isFree = taken.every(({ first, last }) => last < from || first >= to);
    return isFree ? from : Math.max(...taken.map(({ last }) => last)) + 1;
  }

  free(stem: string, extension: string): Promise<string> {
    return this.#inTurn(async () => {
      const chosen = new Set((await namesIn(this.#folder)).flatMap((names) => [...names.values()]));
      const isTaken = (name: string) => chosen.has(name) || existsSync(join(this.#folder, name));
      const free = freeFileName(stem, extension, isTaken);
      return this.#noted ? this.#noted.choose(`${stem}${extension}`, free) : free;
    });
  }

  /**
   * Of all who draw into this folder one chooses at a time. What others chose is looked at before the disk: who has saved a file
   * lets go of its name afterwards.
   */
  #inTurn<T>(choose: () => Promise<T>): Promise<T> {
    return this.#noted ? alone(dirname(this.#noted.folder), choose) : choose();
  }

  async computedIn(is: ComputedIn): Promise<ComputedIn> {
    return (await this.#noted?.choose(computedInName, is)) ?? is;
  }

  async spool(name: string): Promise<Spool> {
    if (!this.#noted) return memorySpool();
    const { folder, kept } = this.#noted;
    const spool = await FileSpool.open(rowsIn(folder, name), kept.spools[name]);
    this.#spools.set(name, spool);
    return spool;
  }

  /** Brings a batch, counted from 0, to the disk; resolves to what is to be noted of it. */
  async sync(batch: number): Promise<Kept> {
    const numbers = Object.fromEntries([...this.#numbers].map(([stem, number]) => [stem, number.at(batch)]));
    const spools: Record<string, number> = {};
    for (const [name, spool] of this.#spools) spools[name] = await spool.sync(batch);
    return { spools, numbers, gathered: Object.fromEntries(this.gathered) };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#spools.values()].map((spool) => spool.close()));
  }
}

interface Numbered {
  readonly first: number;
  readonly last: number;
}

/** The number of a picture of that stem: "star-0012.png" → 12. */
function numberIn(name: string, stem: string): Numbered[] {
  if (!name.startsWith(`${stem}-`)) return [];
  const [, digits] = /^(\d{4,9})\.png$/.exec(name.slice(stem.length + 1)) ?? [];
  return digits === undefined ? [] : [{ first: Number(digits), last: Number(digits) }];
}

/** The numbers of a stem that a run has for itself, whatever it has drawn of them. */
function reservedIn(names: Names, stem: string): Numbered[] {
  const [first, count] = [`${stem}-`, countOf(stem)].map((name) => names.get(name));
  return typeof first === "number" && typeof count === "number" ? [{ first, last: first + count - 1 }] : [];
}

async function hashOf(pieces: Pieces): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}
