/**
 * The files that a command is to write. What is wrong with their place is said before there is something to write, and by all
 * commands alike: nothing that is there is written over, neither before nor when it has come meanwhile.
 */
import { lstatSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { writeAtomically } from "../files/atomic.ts";
import { UsageError } from "../flags/errors.ts";

/** Throws a UsageError for a folder, for what would lie in a file, for a name that is too long, and for what is there already. */
export function wantNewFile(path: string): void {
  const there = lookAt(path);
  if (there?.isDirectory()) throw new UsageError(`${path} is a folder: name the file to write in it`);
  if (there) throw taken(path);
}

/** What is there; a link that leads nowhere is somebody's, too. */
function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? lstatSync(path, { throwIfNoEntry: false }) ?? inFolder(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTDIR") return inFolder(path);
    if (code === "ENAMETOOLONG") throw new UsageError(`Cannot write ${path}: its name is too long for a file`);
    throw error;
  }
}

/** Nothing, where the nearest that is there of what it would lie in is a folder. */
function inFolder(path: string): undefined {
  for (let above = dirname(path); ; above = dirname(above)) {
    const there = isFolder(above);
    if (there === false) throw new UsageError(`Cannot write ${path}: ${above} is a file`);
    if (there || above === dirname(above)) return undefined;
  }
}

/** Undefined where there is nothing. */
function isFolder(path: string): boolean | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOTDIR") throw error;
    return undefined;
  }
}

/** Puts what `write` writes there, given that nothing may be replaced. Throws a UsageError where somebody was faster. */
export async function asNewFile<T>(path: string, write: (options: { readonly isNew: true }) => Promise<T>): Promise<T> {
  try {
    return await write({ isNew: true });
  } catch (error) {
    const { code, path: there = path } = error as NodeJS.ErrnoException;
    throw code === "EEXIST" ? taken(there) : error;
  }
}

export const writeNewFile = (path: string, bytes: Uint8Array): Promise<void> =>
  asNewFile(path, (options) => writeAtomically(path, (file) => file.writeFile(bytes), options));

const taken = (path: string) =>
  new UsageError(`${path} is there already, and nothing is written over: give another name, or remove it`);
