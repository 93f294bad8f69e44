/** What a backup holds: every file with its hash, written last, so that one without it was cut short. */
import * as z from "zod";

export const manifestName = "manifest.json";
/** Raised when an older program could not read what is written. */
export const formatVersion = 1;

/** A file of it: where it lies below the data folder. */
const file = z.object({ path: z.string(), bytes: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/) });
export type BackedUp = z.infer<typeof file>;

export const manifestSchema = z.object({
  format: z.literal("guidegraph backup"),
  version: z.int().min(1),
  /** Of the program that made it. */
  program: z.string(),
  created: z.iso.datetime(),
  /** The version of the tables, how many runs there are, and how many of them wait. */
  history: z.object({ version: z.int(), runs: z.int(), waiting: z.int() }),
  files: z.array(file),
  /** Runs that were removed while the backup was made: what it holds of them is none of it. */
  without: z.array(z.string()),
});
export type Manifest = z.infer<typeof manifestSchema>;

const roots = new Set(["graphs", "samplers", "models", "images", "runs"]);
const alone = new Set(["runs.db", "quarantine.json", manifestName]);

/** Whether a path may be one of a backup: below the folders that it has, and spelled plainly. */
export function isPlainPath(path: string): boolean {
  const parts = path.split("/");
  if (path.length > 4_000 || /[\\\p{Cc}]/u.test(path)) return false;
  if (parts.length === 1) return alone.has(path);
  return roots.has(parts[0]) && parts.every((part) => part !== "" && part !== "." && part !== "..");
}

/** The run that a file is of; undefined for any other. */
export const runOf = (path: string): string | undefined => /^runs\/([^/]+)\//.exec(path)?.[1];
