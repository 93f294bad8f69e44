/**
 * Batches that a journal has as done, and of which rows are gone since: somebody removed a file, or cut it off. They are drawn
 * again, and the others stay.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { doneIn, type Line } from "./journal-lines.ts";

/** Where the rows of a file lie that is not whole yet. */
export const rowsIn = (folder: string, name: string): string => join(folder, `${name}.rows`);

export interface Lost {
  /** Without what was lost. */
  readonly lines: readonly Line[];
  /** How many batches were. */
  readonly batches: number;
}

/** What is left of the lines in a run's folder: a batch is there when all rows are that were there when it was done. */
export async function withoutLost(folder: string, lines: readonly Line[]): Promise<Lost> {
  const names = new Set(lines.flatMap((one) => ("done" in one ? Object.keys(one.spools) : [])));
  const sizes = new Map<string, number>();
  for (const name of names) sizes.set(name, await sizeOf(rowsIn(folder, name)));
  const isThere = (one: Line) =>
    !("done" in one) || Object.entries(one.spools).every(([name, bytes]) => bytes <= (sizes.get(name) ?? 0));
  const left = lines.filter(isThere);
  return { lines: left, batches: doneIn(lines).size - doneIn(left).size };
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );
