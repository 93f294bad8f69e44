/** Files that the user names by path. */
import { realpath, stat } from "node:fs/promises";

/** The real path of the file there, or undefined when there is none. */
export async function fileAt(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? realpath(path) : undefined;
}
