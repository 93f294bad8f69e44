/** Files and folders that the user names by path. */
import { realpath, stat } from "node:fs/promises";

/** The real path of the file there, or undefined when there is none. */
export async function fileAt(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? realpath(path) : undefined;
}

/** The real path of the folder there, or undefined when there is none. */
export async function folderAt(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ? realpath(path) : undefined;
}
