/** Makes a folder with those above it, or says at once why not: Node's own recursive mkdir never returns below /proc. */
import { accessSync, constants, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** `mode` is that of the folders it makes. Throws one line when they cannot be made or written to. */
export function makeFolder(path: string, mode?: number): void {
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
