/** What there is for a run: memory for its values, and room where it saves. */
import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import type { Caps } from "../../executor/index.ts";

/** `bytes`: what it may hold. `folder`: where it saves, if that is known; it need not be there yet. */
export function capsOf(bytes: number, folder: string | undefined): Caps {
  return { bytes, fileBytes: folder === undefined ? Number.POSITIVE_INFINITY : roomAt(folder) };
}

/** Bytes that are free for this user; of a file system that does not tell, as many as there may be. */
function roomAt(folder: string): number {
  try {
    const { blocks, bavail, bsize } = statfsSync(folder);
    return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
  } catch (error) {
    const above = dirname(folder);
    const isAbsent = (error as NodeJS.ErrnoException).code === "ENOENT" && above !== folder;
    return isAbsent ? roomAt(above) : Number.POSITIVE_INFINITY;
  }
}
