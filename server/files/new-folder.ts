/** Files that belong together: written beside their folder, looked at, and put there one after the other when all are right. */

import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { unfinished } from "./atomic.ts";
import { makeFolder } from "./make-folder.ts";

/**
 * Hands `write` a folder of its own, and moves what it leaves there into `folder`, `last` behind all else: where that is, the
 * others are. Resolves to the names. Throws, and leaves nothing, where a file of a name is there already: none is written over.
 */
export async function writeTogether(
  folder: string,
  last: string,
  write: (scratch: string) => Promise<void>,
): Promise<string[]> {
  makeFolder(folder);
  const scratch = join(folder, `.${process.pid}.${Date.now()}.tmp`);
  unfinished.add(scratch);
  try {
    await mkdir(scratch);
    await write(scratch);
    const names = (await readdir(scratch)).sort(
      (a, b) => Number(a === last) - Number(b === last) || a.localeCompare(b),
    );
    wantFree(folder, names);
    for (const name of names) await rename(join(scratch, name), join(folder, name));
    return names;
  } finally {
    await rm(scratch, { recursive: true, force: true });
    unfinished.delete(scratch);
  }
}

/** Throws one line where one of the files is there. */
export function wantFree(folder: string, names: readonly string[]): void {
  const there = names.find((name) => existsSync(join(folder, name)));
  if (there !== undefined)
    throw new Error(`${join(folder, there)} is there already, and is not written over: choose another folder`);
}
