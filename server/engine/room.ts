/** Whether a disk has room for what is to be written, before it is. */
import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { TooLittleRoom } from "../files/disk-full.ts";
import { sizeText } from "../units.ts";

/** Bytes that are free for this user where a folder is or will be; of a file system that does not tell, as many as there may be. */
export function roomAt(folder: string): number {
  try {
    const { blocks, bavail, bsize } = statfsSync(folder);
    return blocks === 0 ? Number.POSITIVE_INFINITY : bavail * bsize;
  } catch (error) {
    const above = dirname(folder);
    const isAbsent = (error as NodeJS.ErrnoException).code === "ENOENT" && above !== folder;
    return isAbsent ? roomAt(above) : Number.POSITIVE_INFINITY;
  }
}

/** `what`: "The export". Throws TooLittleRoom where so many bytes have none. */
export function wantRoom(folder: string, what: string, bytes: number): void {
  const room = roomAt(folder);
  if (bytes > room)
    throw new TooLittleRoom(
      `${what} takes about ${sizeText(bytes)}, and the disk has room for ${sizeText(room)}: free some space there`,
    );
}
