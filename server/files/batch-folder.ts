/** Folders among the pictures, whose pictures are one batch. */
import { lstatSync } from "node:fs";
import { mkdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { Refusal } from "../refusal.ts";
import { type Arrived, place } from "./receive.ts";

/**
 * Throws a Refusal where what is there of this name below `root` is no folder, and of a new batch where anything of it is there,
 * in whichever of the folders: a graph that names it would find either.
 */
export function expectBatch(root: string, batch: string, isNew: boolean, folders: readonly string[]): void {
  const at = (folder: string) => lstatSync(join(folder, batch), { throwIfNoEntry: false });
  if (isNew && [root, ...folders].some(at)) throw isTaken();
  if (at(root)?.isDirectory() === false) throw noFolder();
}

const isTaken = () => new Refusal("changed", "There is a batch of this name already: choose another name");
const noFolder = () => new Refusal("taken", "There is a file of this name, which is no batch: choose another name");

/**
 * The folder is made with its first picture. `isNew`: it is nobody else's, too. Throws a Refusal where it cannot be had so, or
 * where another picture has the name in it.
 */
export async function placeInBatch(arrived: Arrived, folder: string, name: string, isNew: boolean): Promise<boolean> {
  const isMade = await made(folder);
  if (!isMade && isNew) throw isTaken();
  try {
    return await place(arrived, folder, name);
  } catch (error) {
    // Of no use without it; one that others use has pictures, and stays.
    if (isMade) await rmdir(folder).catch(() => {});
    throw error;
  }
}

/** False: it is there. */
async function made(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    if (!lstatSync(folder).isDirectory()) throw noFolder();
    return false;
  }
}
