/** A file that a command names, by its path or as it is listed. */
import { fileAt, folderAt } from "../files/file-at.ts";
import { UsageError } from "../flags/errors.ts";

/** The real path; undefined for what may be a listed name. Throws a UsageError for a path at which there is no file. */
export async function typedFile(file: string): Promise<string | undefined> {
  const found = await fileAt(file);
  if (found !== undefined) return found;
  if ((await folderAt(file)) !== undefined) throw new UsageError(`${file} is a folder: name the file in it`);
  if (/^(?:[/~]|\.{1,2}[/\\]|[A-Za-z]:)/.test(file)) throw new UsageError(`There is no file ${file}`);
  return undefined;
}
