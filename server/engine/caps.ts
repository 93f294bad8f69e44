/** What there is for a run: memory for its values, and room where it saves. */
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Caps } from "../../executor/index.ts";

/** `bytes`: what it may hold. `folder`: where it saves, if that is known; it need not be there yet. */
export async function capsOf(bytes: number, folder: string | undefined): Promise<Caps> {
  return { bytes, fileBytes: folder === undefined ? Number.POSITIVE_INFINITY : await roomAt(folder) };
}

/** Bytes that are free for this user; of a file system that does not tell, as many as there may be. */
async function roomAt(folder: string): Promise<number> {
  try {
    const { blocks, bavail, bsize } = await statfs(folder);
    return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
  } catch (error) {
    const above = dirname(folder);
    const isAbsent = (error as NodeJS.ErrnoException).code === "ENOENT" && above !== folder;
    return isAbsent ? roomAt(above) : Number.POSITIVE_INFINITY;
  }
}
