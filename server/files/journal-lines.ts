/** The lines of a journal: names that were chosen, and batches that are done. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";

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
/** How long a batch took, of how many pictures, and whether none of it was computed. */
const took = z.strictObject({
  ms: z.number(),
  cached: z.literal(true).exactOptional(),
  pictures: z.int().min(0).exactOptional(),
});
export type Took = z.infer<typeof took>;
const line = z.union([
  /** A file's name, or the number of a stem's first picture. */
  z.strictObject({ name: z.string(), is: z.union([z.string(), z.int().min(0)]) }),
  /** The batch before the one of this number is done, and saved these; `identity` and `took` are what `note` was told. */
  kept.extend({
    done: z.int().min(1),
    saved: z.array(savedFile),
    identity: z.string().exactOptional(),
    took: took.exactOptional(),
  }),
]);
export type Line = z.infer<typeof line>;

/** The journal of a run, in the folder that is its own. */
export const journalIn = (folder: string): string => join(folder, "journal");

interface Lines {
  readonly lines: Line[];
  /** Of these. */
  readonly bytes: number;
  /** How many whole lines are behind them: the first is none that was written, and what follows may build on it. */
  readonly damaged: number;
}

/** The lines that are whole; none where there is no journal. */
export const linesIn = async (folder: string): Promise<Lines> =>
  linesOf(await readFile(journalIn(folder), "utf8").catch(() => ""));

export const chosenIn = (lines: readonly Line[]): Map<string, string | number> =>
  new Map(lines.flatMap((one) => ("name" in one ? [[one.name, one.is] as const] : [])));

/** The batches that are done, from 1. */
export const doneIn = (lines: readonly Line[]): ReadonlySet<number> =>
  new Set(lines.flatMap((one) => ("done" in one ? [one.done] : [])));

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

/** The lines up to the first that is none. */
function linesOf(text: string): Lines {
  const lines: Line[] = [];
  let length = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", length)) {
    const parsed = line.safeParse(jsonOf(text.slice(length, end)));
    if (!parsed.success) break;
    lines.push(parsed.data);
    length = end + 1;
  }
  const damaged = text.slice(length).split("\n").length - 1;
  return { lines, bytes: Buffer.byteLength(text.slice(0, length)), damaged };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
