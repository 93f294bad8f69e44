/**
 * How far a run on the command line has come, in `OUT/.guidegraph/IDENTITY/`: a line for each name it chose and each batch
 * that is done, and what is on its way into files. A line is written when all it speaks of is on the disk, so
 * after Ctrl-C, a crash or a power cut the same command goes on behind the last one. When the run is over all of it goes.
 */
import { type FileHandle, mkdir, open, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { removeUnfinished } from "./atomic.ts";
import { FileSpool } from "./file-spool.ts";
import { takeLock } from "./folder-lock.ts";
import { Marked } from "./marked.ts";

const counts = z.record(z.string(), z.int().min(0));
const saved = z.strictObject({ path: z.string(), name: z.string(), mime: z.string(), sha256: z.string() });
/** A file of a run, and the node that saved it. */
export type SavedFile = z.infer<typeof saved>;
const line = z.union([
  /** A file's name, or the number of a stem's first picture. */
  z.strictObject({ name: z.string(), is: z.union([z.string(), z.int().min(0)]) }),
  /** So many batches are done, the last saved these; each spool has so many bytes, each stem's next picture this number. */
  z.strictObject({ done: z.int().min(1), spools: counts, numbers: counts, saved: z.array(saved) }),
]);
type Line = z.infer<typeof line>;

/** Where the journals of a folder lie. */
const journalsIn = (out: string): string => join(out, ".guidegraph");

/** Whether an interrupted run has done a batch there, to go on behind. */
export async function hasBegun(out: string): Promise<boolean> {
  const identities = await readdir(journalsIn(out)).catch(() => []);
  const texts = identities.map((one) => readFile(join(journalsIn(out), one, "journal"), "utf8").catch(() => ""));
  return (await Promise.all(texts)).some((text) => linesOf(text).lines.some((one) => "done" in one));
}

/** Lets go of what nobody will go on with. */
export const forget = (out: string): Promise<void> => rm(journalsIn(out), { recursive: true, force: true });

export class Journal {
  /** How many batches an interrupted run has done. */
  readonly before: number;
  /** What these saved. */
  readonly saved: readonly SavedFile[];
  readonly folder: string;
  readonly #file: FileHandle;
  readonly #release: () => void;
  readonly #names: Map<string, string | number>;
  readonly #last: Pick<Extract<Line, { done: number }>, "spools" | "numbers">;
  readonly #spools = new Map<string, FileSpool>();
  readonly #numbers = new Map<string, Marked>();
  #done: number;

  private constructor(folder: string, file: FileHandle, release: () => void, lines: readonly Line[]) {
    this.folder = folder;
    this.#file = file;
    this.#release = release;
    this.#names = new Map(lines.flatMap((one) => ("name" in one ? [[one.name, one.is] as const] : [])));
    const last = lines.findLast((one) => "done" in one);
    this.before = last?.done ?? 0;
    this.saved = lines.flatMap((one) => ("done" in one ? one.saved : []));
    this.#done = this.before;
    this.#last = last ?? { spools: {}, numbers: {} };
  }

  /** Throws when another process runs the same into the same folder. */
  static async open(out: string, identity: string): Promise<Journal> {
    const folder = join(journalsIn(out), identity);
    await mkdir(folder, { recursive: true });
    const release = await takeLock(folder, (owner) => `The same run is going on in ${out}, in ${owner}`);
    try {
      await removeUnfinished(folder);
      const path = join(folder, "journal");
      const { lines, bytes } = linesOf(await readFile(path, "utf8").catch(() => ""));
      const file = await open(path, bytes === 0 ? "w" : "r+");
      // A line that was cut off goes, or the next would be joined to it.
      await file.truncate(bytes);
      return new Journal(folder, file, release, lines);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** The name that a file has, as it was chosen before, or chosen now. */
  name(name: string, choose: () => string): Promise<string> {
    return this.#chosen(name, choose);
  }

  /** The numbers of a stem's pictures, from where they were, or from the one chosen now. */
  async numbers(stem: string, choose: () => number): Promise<Marked> {
    const first = await this.#chosen(`${stem}-`, choose);
    const numbers = new Marked(this.#last.numbers[stem] ?? first);
    this.#numbers.set(stem, numbers);
    return numbers;
  }

  async spool(name: string): Promise<FileSpool> {
    const spool = await FileSpool.open(join(this.folder, `${name}.rows`), this.#last.spools[name]);
    this.#spools.set(name, spool);
    return spool;
  }

  /** A batch, counted from 0, is done, and its files are kept. */
  async note(batch: number, saved: readonly SavedFile[]): Promise<void> {
    const spools: Record<string, number> = {};
    const numbers = Object.fromEntries([...this.#numbers].map(([stem, number]) => [stem, number.at(batch)]));
    for (const [name, spool] of this.#spools) spools[name] = await spool.sync(batch);
    this.#done = batch + 1;
    await this.#write({ done: this.#done, spools, numbers, saved: [...saved] });
    await this.#file.sync();
  }

  /**
   * Leaves what the same command will go on with, if a batch of it is done; nothing otherwise, or when all is `over`.
   * Resolves to how many are done.
   */
  async close(isOver: boolean): Promise<number> {
    await Promise.all([...this.#spools.values()].map((spool) => spool.close()));
    await this.#file.close();
    this.#release();
    if (!isOver && this.#done > 0) return this.#done;
    await rm(this.folder, { recursive: true, force: true });
    // The last one takes the folder of all along.
    await rmdir(dirname(this.folder)).catch(() => {});
    return this.#done;
  }

  async #chosen<T extends string | number>(name: string, choose: () => T): Promise<T> {
    const known = this.#names.get(name) as T | undefined;
    if (known !== undefined) return known;
    const is = choose();
    this.#names.set(name, is);
    await this.#write({ name, is });
    return is;
  }

  async #write(one: Line): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify(one)}\n`);
  }
}

/** The lines up to the first that is none, and how many bytes they have. */
function linesOf(text: string): { lines: Line[]; bytes: number } {
  const lines: Line[] = [];
  let length = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", length)) {
    const parsed = line.safeParse(jsonOf(text.slice(length, end)));
    if (!parsed.success) break;
    lines.push(parsed.data);
    length = end + 1;
  }
  return { lines, bytes: Buffer.byteLength(text.slice(0, length)) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
