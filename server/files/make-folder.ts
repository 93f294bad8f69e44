/** Makes a folder with those above it, or says at once why not: Node's own recursive mkdir never returns below /proc. */
import { accessSync, constants, existsSync, mkdirSync, rmdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { expectRoot } from "./kept-roots.ts";

/**
 * `mode` is that of the folders it makes; gives these, from the outermost. Throws one line when they cannot be made or written to.
 */
export function makeFolder(path: string, mode?: number): readonly string[] {
  expectRoot(path);
  const missing: string[] = [];
  let nearest = resolve(path);
  for (; !existsSync(nearest); nearest = dirname(nearest)) missing.unshift(nearest);
  if (!isFolder(nearest)) throw new Error(`Cannot make the folder ${resolve(path)}: ${nearest} is a file`);
  for (const folder of missing) makeOne(folder, mode);
  try {
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw new Error(`Cannot write into the folder ${resolve(path)} (${codeOf(error)})`);
  }
  return missing;
}

/** Of folders within one another, what nothing was put into goes. */
export function removeEmpty(folders: readonly string[]): void {
  for (const folder of folders.toReversed()) {
    try {
      rmdirSync(folder);
    } catch {
      return;
    }
  }
}

function makeOne(folder: string, mode: number | undefined): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Another process may have been first.
    if (codeOf(error) === "EEXIST" && isFolder(folder)) return;
    throw new Error(`Cannot make the folder ${folder}: ${dirname(folder)} takes no new folder (${codeOf(error)})`);
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
