/** What runs that are going on or were interrupted have noted in a folder: a journal each, below `OUT/.guidegraph`. */
import { readdir, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { alone, holderOf, removeLock, takeLock } from "./folder-lock.ts";
import { chosenIn, doneIn, linesIn } from "./journal-lines.ts";

const journalsIn = (out: string): string => join(out, ".guidegraph");

/** Where the journal of this identity lies, and all that is on its way into files. */
export const journalFolder = (out: string, identity: string): string => join(journalsIn(out), identity);

/** Those of journals; beside them lies what is held while a name is chosen. */
async function foldersIn(journals: string): Promise<readonly string[]> {
  const all = await readdir(journals, { withFileTypes: true }).catch(() => []);
  return all.filter((one) => one.isDirectory()).map(({ name }) => join(journals, name));
}

const linesOfAll = async (out: string) =>
  Promise.all(
    (await foldersIn(journalsIn(out))).map(async (folder) => ({ folder, lines: (await linesIn(folder)).lines })),
  );

/** Whether an interrupted run has done a batch there, to go on behind. */
export const hasBegun = async (out: string): Promise<boolean> =>
  (await linesOfAll(out)).some(({ lines }) => doneIn(lines).size > 0);

/** What each run that is going on there, or was interrupted, has chosen. */
export const namesIn = async (out: string): Promise<readonly ReadonlyMap<string, string | number>[]> =>
  (await linesOfAll(out)).map(({ lines }) => chosenIn(lines));

/** Another run that was interrupted there: what it has done waits for its own command. */
export interface Interrupted {
  readonly folder: string;
  /** Batches. */
  readonly done: number;
}

/** All but the one of this identity, and but those that are going on. */
export async function interruptedIn(out: string, identity: string): Promise<readonly Interrupted[]> {
  const found = (await linesOfAll(out)).map(async ({ folder, lines }): Promise<Interrupted[]> => {
    const done = doneIn(lines).size;
    const isOther = folder !== journalFolder(out, identity);
    return isOther && done > 0 && !(await isHeld(folder)) ? [{ folder, done }] : [];
  });
  return (await Promise.all(found)).flat();
}

/** Of one that may not be asked, another user's, nothing is said that might not be so. */
const isHeld = (folder: string): Promise<boolean> =>
  holderOf(folder).then(
    (holder) => holder !== undefined,
    () => true,
  );

/**
 * Removes what was killed before it had done a batch: nobody can go on with it, and it would keep the names that it had chosen.
 * Of one that is going on the lock is held; where there are no locks nobody knows which are, and all stay.
 */
export async function sweep(out: string): Promise<void> {
  // One that cannot be read may have been of many batches: whoever draws the same says so.
  const isUndone = async (folder: string) => {
    const { lines, damaged } = await linesIn(folder);
    return damaged === 0 && doneIn(lines).size === 0;
  };
  for (const folder of await foldersIn(journalsIn(out))) {
    if (!(await isUndone(folder)) || (await isHeld(folder))) continue;
    const release = await takeLock(folder, (owner) => owner).catch(() => undefined);
    if (!release) continue;
    // It may have been taken up, and interrupted behind a batch, before its lock was free.
    if (await isUndone(folder)) await removeHeld(folder, release).catch(() => {});
    else release();
  }
}

/** Before it is let go of: the same run may be waiting to begin anew there. Windows removes no file that is open. */
export async function removeHeld(folder: string, release: () => void): Promise<void> {
  const isGone = await removed(folder).then(
    () => true,
    () => false,
  );
  release();
  if (!isGone) await removed(folder);
  await removeIfLast(dirname(folder));
}

/** Lets go of what nobody will go on with. */
export const forget = (out: string): Promise<void> => removed(journalsIn(out));

const removed = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

/** The last one takes the folder of all along; where somebody chooses a name there just now, it is not the last. */
async function removeIfLast(journals: string): Promise<void> {
  if ((await foldersIn(journals)).length > 0) return;
  const all = async () => {
    if ((await foldersIn(journals)).length > 0) return;
    await removeLock(journals);
    await rmdir(journals);
  };
  await alone(journals, all).catch(() => {});
}
