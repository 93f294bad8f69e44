/** What a backup leaves out, and says so: what cannot be read, what a server does not look at, and what could not be restored. */
import { constants } from "node:fs";
import { access, lstat } from "node:fs/promises";
import { isPlainPath } from "./manifest.ts";

/** What the backup has not, or not as it should be, though nobody removed it meanwhile. */
export interface Amiss {
  readonly path: string;
  /** In words, after its path. */
  readonly why: string;
}

/** Why what lies there is not taken, in words; undefined where it is, and where it is gone. `path`: its name in the backup. */
export async function hindrance(file: string, path: string): Promise<string | undefined> {
  const found = await lstat(file).catch(() => undefined);
  // A name that is no UTF-8 is told as another, of which there is nothing.
  if (!found) return path.includes("\u{FFFD}") ? "has a name that is no UTF-8: rename it" : undefined;
  if (found.isSymbolicLink()) return "is a link: those are not followed, by a server neither";
  // Opened, it may wait for ever.
  if (!found.isFile()) return "is no file";
  if (!isPlainPath(path))
    return "has a backslash or a control character in its name, and could not be restored: rename it";
  return access(file, constants.R_OK).then(() => undefined, unreadable);
}

export const unreadable = ({ code }: NodeJS.ErrnoException): string => `cannot be read (${code})`;
