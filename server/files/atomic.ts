/** Files that appear whole or not at all, whatever ends the process: written beside their place, then put there. */
import { type FileHandle, open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { linked } from "./linked.ts";
import { makeFolder } from "./make-folder.ts";

let count = 0;

/** What a file is called that is being written for `stem`. */
export const unfinishedName = (stem: string): string => `.${stem}.${process.pid}.${count++}.tmp`;

/** The stem of such a name, whichever process gave it; undefined of any other. */
export const unfinishedOf = (name: string): string | undefined => /^\.(.+)\.\d+\.\d+\.tmp$/.exec(name)?.[1];

export interface AtomicOptions {
  /** A folder of the same disk for what is being written; absent: the file's own. */
  readonly scratch?: string | undefined;
  /** Nothing is replaced: rejects with EEXIST where the name is taken, and was while it was written. */
  readonly isNew?: boolean;
}

/** Hands `write` a new file, and puts it at `path` when `write` succeeds. Makes the folder. */
export async function writeAtomically<T>(
  path: string,
  write: (file: FileHandle) => Promise<T>,
  { scratch = dirname(path), isNew = false }: AtomicOptions = {},
): Promise<T> {
  makeFolder(dirname(path));
  // A name that is as long as a disk takes has no room for more.
  const temporary = join(scratch, unfinishedName(basename(path).slice(0, 40)));
  unfinished.add(temporary);
  try {
    const file = await open(temporary, "wx");
    let result: T;
    try {
      result = await write(file);
    } finally {
      await file.close();
    }
    if (!isNew) await rename(temporary, path);
    else if (!(await linked(temporary, path)))
      throw Object.assign(new Error(`${path} is there`), { code: "EEXIST", path });
    else await rm(temporary, { force: true });
    return result;
  } catch (error) {
    await rm(temporary, { force: true });
    throw placed(error, path);
  } finally {
    unfinished.delete(temporary);
  }
}

/** A disk that is full says so of a write, and not of which file: the disk may be another than the one that a person looks at. */
function placed(error: unknown, path: string): unknown {
  const { code, path: told } = error as NodeJS.ErrnoException;
  return (code === "ENOSPC" || code === "EDQUOT") && told === undefined
    ? Object.assign(new Error(`Cannot write ${path}: ${code}`, { cause: error }), { code })
    : error;
}

export const writePieces = (path: string, pieces: readonly Uint8Array[]): Promise<void> =>
  writeAtomically(path, async (file) => {
    for (const piece of pieces) await file.writeFile(piece);
  });

/** Temporary files and folders of this process, for whoever ends it early. */
export const unfinished = new Set<string>();

/**
 * Files that are of use together alone, each put where nothing was: what `write` says it has put goes again where the rest does
 * not come, because of an error or because the process is ended.
 */
export async function allOrNone<T>(write: (put: (path: string) => void) => Promise<T>): Promise<T> {
  const paths: string[] = [];
  const put = (path: string) => {
    paths.push(path);
    unfinished.add(path);
  };
  try {
    return await write(put);
  } catch (error) {
    await Promise.all(paths.map((path) => rm(path, { force: true })));
    throw error;
  } finally {
    for (const path of paths) unfinished.delete(path);
  }
}

/** Removes what a process that was killed had not finished writing into a folder. */
export async function removeUnfinished(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const left = names.filter((name) => name.startsWith(".") && name.endsWith(".tmp"));
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
}
