/**
 * The files that a command is to write. What is wrong with their place is said before there is something to write, and by all
 * commands alike: nothing that is there is written over, neither before nor when it has come meanwhile.
 */
import { lstatSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { writeAtomically } from "../files/atomic.ts";
import { UsageError } from "../flags/errors.ts";

/** Throws a UsageError for a folder, for what would lie in a file, and for what is there already. */
export function wantNewFile(path: string): void {
  if (isFolder(path)) throw new UsageError(`${path} is a folder: name the file to write in it`);
  if (isFolder(dirname(path)) === false) throw new UsageError(`Cannot write ${path}: ${dirname(path)} is a file`);
  // A link that leads nowhere is somebody's, too.
  if (lstatSync(path, { throwIfNoEntry: false })) throw taken(path);
}

/** Puts what `write` writes there, given that nothing may be replaced. Throws a UsageError where somebody was faster. */
export async function asNewFile<T>(path: string, write: (options: { readonly isNew: true }) => Promise<T>): Promise<T> {
  try {
    return await write({ isNew: true });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "EEXIST" ? taken(path) : error;
  }
}

export const writeNewFile = (path: string, bytes: Uint8Array): Promise<void> =>
  asNewFile(path, (options) => writeAtomically(path, (file) => file.writeFile(bytes), options));

const taken = (path: string) =>
  new UsageError(`${path} is there already, and nothing is written over: give another name, or remove it`);

/** Undefined where there is nothing. */
const isFolder = (path: string): boolean | undefined => statSync(path, { throwIfNoEntry: false })?.isDirectory();
