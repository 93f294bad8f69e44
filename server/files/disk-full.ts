/** No room on the disk: how it is told, and how it is known. */

export const diskFull = "The server's disk is full: free some space there, then run it again";

/** The same to who sits before it. */
export const diskFullHere = "The disk is full: free some space, then start it again";

/** There would be no room for what is to be written, which is known before. Its message says how much that is. */
export class TooLittleRoom extends Error {
  override readonly name = "TooLittleRoom";
  readonly code = "ENOSPC";
}

/** How a full disk is told. */
export const fullText = (error: unknown): string => (error instanceof TooLittleRoom ? error.message : diskFull);

/** The error itself or what caused it: the disk, or the user's share of it, has no room. */
export function isDiskFull(error: unknown): boolean {
  for (let at = error; typeof at === "object" && at !== null; at = (at as { cause?: unknown }).cause) {
    const { code } = at as { code?: unknown };
    if (code === "ENOSPC" || code === "EDQUOT" || code === "SQLITE_FULL") return true;
  }
  return false;
}
