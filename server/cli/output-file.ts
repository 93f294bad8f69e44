/** The file that a command is to write: what is wrong with its place is said before there is something to write. */
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "../flags/errors.ts";

/** Throws a UsageError for a folder, and for what would lie in a file. */
export function wantOutputFile(path: string): void {
  if (isFolder(path) === true) throw new UsageError(`${path} is a folder: name the file to write in it`);
  if (isFolder(dirname(path)) === false) throw new UsageError(`Cannot write ${path}: ${dirname(path)} is a file`);
}

/** Undefined where there is nothing. */
const isFolder = (path: string): boolean | undefined => (existsSync(path) ? statSync(path).isDirectory() : undefined);
