/** Folders of however many files, weighed and removed one file at a time: whoever else has something to do gets a turn. */
import { lstat, opendir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";

/** Bytes of all files below a folder; 0 where it is not. What goes meanwhile does not count. */
export async function weigh(folder: string): Promise<number> {
  let sum = 0;
  for await (const path of filesBelow(folder)) sum += (await lstat(path).catch(() => ({ size: 0 }))).size;
  return sum;
}

/** Every file below a folder, links as themselves; none where it is not. `closed` hears of folders that cannot be read. */
export async function* filesBelow(
  folder: string,
  closed: (folder: string, error: NodeJS.ErrnoException) => void = () => {},
): AsyncGenerator<string, void> {
  const entries = await opendir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") closed(folder, error);
  });
  if (!entries) return;
  for await (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path, closed);
    else yield path;
  }
}

/** What a folder's list leaves out while it gets shorter is found the next time. */
const looks = 100;

/** Removes a folder and all that is in it. The same when it is not there, or was removed in part. Throws when aborted. */
export async function removeSlowly(folder: string, signal?: AbortSignal): Promise<void> {
  for (let look = 1; ; look++) {
    const entries = await opendir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (!entries) return;
    for await (const entry of entries) {
      signal?.throwIfAborted();
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await removeSlowly(path, signal);
      else await rm(path, { force: true });
    }
    try {
      return await rmdir(folder);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return;
      if (code !== "ENOTEMPTY" || look === looks) throw error;
    }
  }
}
