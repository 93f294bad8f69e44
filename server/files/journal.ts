/**
 * How far a run has come, in `OUT/.guidegraph/IDENTITY/`: a line for each name it chose and each batch that is done, in
 * whichever order and by whichever process, and what is on its way into files. A line is written when all it speaks of is on
 * the disk, so after Ctrl-C, a crash or a power cut the same run goes on with what is left. When it is over all of it goes.
 */
import { type FileHandle, open, readdir, readFile, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { removeUnfinished } from "./atomic.ts";
import { alone, holderOf, removeLock, takeLock } from "./folder-lock.ts";

const counts = z.record(z.string().max(400), z.int().min(0));
export const savedFile = z.strictObject({ path: z.string(), name: z.string(), mime: z.string(), sha256: z.string() });
/** A file of a run, and the node that saved it. */
export type SavedFile = z.infer<typeof savedFile>;
const gathered = z.record(
  z.string(),
  z.strictObject({
    type: z.enum(["uint8", "float16", "float32"]),
    dims: z.array(z.int().min(0)).max(8).readonly(),
    limit: z.int().min(0),
    format: z.enum(["npz", "npy", "numbers"]),
    beside: z.int().min(0).optional(),
    stem: z.string().max(400).optional(),
  }),
);
/** So many bytes each spool has, this number the next picture of each stem, and what the files of all batches will be. */
export const kept = z.strictObject({ spools: counts, numbers: counts, gathered: gathered.default({}) });
export type Kept = z.infer<typeof kept>;
const line = z.union([
  /** A file's name, or the number of a stem's first picture. */
  z.strictObject({ name: z.string(), is: z.union([z.string(), z.int().min(0)]) }),
  /** The batch before the one of this number is done, and saved these; `identity` is what `note` was told. */
  kept.extend({ done: z.int().min(1), saved: z.array(savedFile), identity: z.string().exactOptional() }),
]);
type Line = z.infer<typeof line>;

/** Where the journals of a folder lie. */
const journalsIn = (out: string): string => join(out, ".guidegraph");

/** Whether an interrupted run has done a batch there, to go on behind. */
export async function hasBegun(out: string): Promise<boolean> {
  return (await journalTexts(out)).some((text) => linesOf(text).lines.some((one) => "done" in one));
}

/** Beside them lies what is held while a name is chosen. */
async function identitiesIn(journals: string): Promise<readonly string[]> {
  const all = await readdir(journals, { withFileTypes: true }).catch(() => []);
  return all.filter((one) => one.isDirectory()).map(({ name }) => name);
}

async function journalTexts(out: string): Promise<readonly string[]> {
  const identities = await identitiesIn(journalsIn(out));
  return Promise.all(identities.map((one) => readFile(join(journalsIn(out), one, "journal"), "utf8").catch(() => "")));
}

const chosenIn = (lines: readonly Line[]): Map<string, string | number> =>
  new Map(lines.flatMap((one) => ("name" in one ? [[one.name, one.is] as const] : [])));

/** What each run that is going on there, or was interrupted, has chosen. */
export async function namesIn(out: string): Promise<readonly ReadonlyMap<string, string | number>[]> {
  return (await journalTexts(out)).map((text) => chosenIn(linesOf(text).lines));
}

/** Another run that was interrupted there: what it has done waits for its own command. */
export interface Interrupted {
  readonly folder: string;
  /** Batches. */
  readonly done: number;
}

/** All but the one of this identity, and but those that are going on. */
export async function interruptedIn(out: string, identity: string): Promise<readonly Interrupted[]> {
  const others = (await identitiesIn(journalsIn(out))).filter((one) => one !== identity);
  const found = others.map(async (one): Promise<Interrupted[]> => {
    const folder = join(journalsIn(out), one);
    const text = await readFile(join(folder, "journal"), "utf8").catch(() => "");
    const done = new Set(linesOf(text).lines.flatMap((line) => ("done" in line ? [line.done] : []))).size;
    return done === 0 || (await holderOf(folder)) !== undefined ? [] : [{ folder, done }];
  });
  return (await Promise.all(found)).flat();
}

/** Lets go of what nobody will go on with. */
export const forget = (out: string): Promise<void> => rm(journalsIn(out), { recursive: true, force: true });

export class Journal {
  readonly folder: string;
  /** The batches that an interrupted run has done, from 0. */
  readonly before: ReadonlySet<number>;
  /** What these saved. */
  readonly saved: readonly SavedFile[];
  /** All that was kept when it was opened. */
  readonly kept: Kept;
  /** Of what drew the last of them, where that was noted. */
  readonly identity: string | undefined;
  readonly #file: FileHandle;
  readonly #release: () => void;
  readonly #names: Map<string, string | number>;
  readonly #done: Set<number>;

  private constructor(folder: string, file: FileHandle, release: () => void, lines: readonly Line[]) {
    this.folder = folder;
    this.#file = file;
    this.#release = release;
    this.#names = chosenIn(lines);
    const batches = lines.flatMap((one) => ("done" in one ? [one] : []));
    this.before = new Set(batches.map(({ done }) => done - 1));
    this.identity = batches.at(-1)?.identity;
    this.saved = batches.flatMap(({ saved }) => saved);
    this.kept = batches.reduce(together, { spools: {}, numbers: {}, gathered: {} });
    this.#done = new Set(this.before);
  }

  /** Throws when another process runs the same into the same folder. */
  static async open(out: string, identity: string): Promise<Journal> {
    const folder = join(journalsIn(out), identity);
    const release = await takeLock(folder, (owner) => `The same run is going on in ${out}, in ${owner}`);
    try {
      await removeUnfinished(folder);
      const path = join(folder, "journal");
      const { lines, bytes } = linesOf(await readFile(path, "utf8").catch(() => ""));
      const file = await open(path, "a");
      // A line that was cut off goes, or the next would be joined to it.
      await file.truncate(bytes);
      return new Journal(folder, file, release, lines);
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

  /**
   * A batch, counted from 0, is done, and its files are kept. `identity`: of all that its pictures depend on, for a run that is
   * known by its name alone.
   */
  async note(batch: number, saved: readonly SavedFile[], kept: Kept, identity?: string): Promise<void> {
    this.#done.add(batch);
    await this.#write({ done: batch + 1, ...kept, saved: [...saved], ...(identity !== undefined && { identity }) });
    await this.#file.sync();
  }

  /** Leaves what the same run will go on with, if a batch of it is done; nothing otherwise, or when all is `over`. */
  async close(isOver: boolean): Promise<void> {
    await this.#file.close();
    if (isOver || this.#done.size === 0) {
      // Before it lets go: the same run may be waiting to begin anew there. Windows removes no file that is open.
      const isGone = await removed(this.folder).then(
        () => true,
        () => false,
      );
      this.#release();
      if (!isGone) await removed(this.folder);
      await removeIfLast(dirname(this.folder));
    } else this.#release();
  }

  async #write(one: Line): Promise<void> {
    await this.#file.appendFile(`${JSON.stringify(one)}\n`);
  }
}

const removed = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

/** The last one takes the folder of all along; where somebody chooses a name there just now, it is not the last. */
async function removeIfLast(journals: string): Promise<void> {
  if ((await identitiesIn(journals)).length > 0) return;
  const all = async () => {
    if ((await identitiesIn(journals)).length > 0) return;
    await removeLock(journals);
    await rmdir(journals);
  };
  await alone(journals, all).catch(() => {});
}

/** What is kept of batches that were done in any order. */
export function together(all: Kept, { spools, numbers, gathered }: Kept): Kept {
  return {
    spools: largest(all.spools, spools),
    numbers: largest(all.numbers, numbers),
    gathered: { ...all.gathered, ...gathered },
  };
}

function largest(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>): Record<string, number> {
  return {
    ...a,
    ...Object.fromEntries(Object.entries(b).map(([name, count]) => [name, Math.max(count, a[name] ?? 0)])),
  };
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
