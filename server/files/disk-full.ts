/** No room on the disk: how it is told, and how it is known. */

export const diskFull = "The server's disk is full: free some space there, then run it again";

/** The error itself or what caused it: the disk, or the user's share of it, has no room. */
export function isDiskFull(error: unknown): boolean {
  for (let at = error; typeof at === "object" && at !== null; at = (at as { cause?: unknown }).cause) {
    const { code } = at as { code?: unknown };
    if (code === "ENOSPC" || code === "EDQUOT" || code === "SQLITE_FULL") return true;
  }
  return false;
}
