/** The file that a command is to write: what is wrong with its place is said before there is something to write. */
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "../flags/errors.ts";
import type { Terminal } from "./command.ts";

/** Throws a UsageError for a folder, and for what would lie in a file. */
export function wantOutputFile(path: string): void {
  if (isFolder(path) === true) throw new UsageError(`${path} is a folder: name the file to write in it`);
  if (isFolder(dirname(path)) === false) throw new UsageError(`Cannot write ${path}: ${dirname(path)} is a file`);
}

/** Says, when all is ready to be written, that it takes the place of a file. */
export function sayReplaced(path: string, { err }: Pick<Terminal, "err">): void {
  if (existsSync(path)) err(`${path} was there already: it is written over\n`);
}

/** Undefined where there is nothing. */
const isFolder = (path: string): boolean | undefined => (existsSync(path) ? statSync(path).isDirectory() : undefined);
