/** A name for a file that no other has: what has it is never replaced. */
import { existsSync } from "node:fs";
import { link, rename } from "node:fs/promises";

/** What file systems without links say of one: FAT, and some behind a network. */
const noLinks: ReadonlySet<string | undefined> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

/** A link, unlike a rename, does not replace what is there: then it is false. `from` is whoever made it to remove. */
export async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" || (noLinks.has(code) && existsSync(to))) return false;
    if (!noLinks.has(code)) throw error;
    await rename(from, to);
    return true;
  }
}
