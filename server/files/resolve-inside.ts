/**
 * From the id that a graph names to a file below a folder, and nothing else on the machine. Graphs are shared, so an id
 * is hostile: it may climb out, name a device, or pass through a link.
 */
import { realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { isMisleading } from "../../graphs/document/index.ts";
import { noneUnlessPassing } from "./passing.ts";

/**
 * The real path of `id` below `root`, or undefined when no regular file (or folder) is there. The resolved path must be spelled as
 * the id is: that one comparison refuses links, `..`, another case, another Unicode form and trailing dots.
 *
 * A name is resolved in less time than a thread takes to be woken for it, and a plan asks for many.
 */
export async function resolveInside(
  root: string,
  id: string,
  kind: "file" | "folder" = "file",
): Promise<string | undefined> {
  if (!isPlainId(id)) return undefined;
  try {
    const expected = join(realpathSync.native(root), ...id.split("/"));
    const actual = realpathSync.native(expected);
    const found = statSync(actual);
    return actual === expected && (kind === "file" ? found.isFile() : found.isDirectory()) ? actual : undefined;
  } catch (error) {
    return noneUnlessPassing(undefined)(error);
  }
}

/**
 * Names below a folder, separated by `/`: no empty, dotted or padded part, no drive, no backslash, nothing that shows
 * it as another.
 */
export const isPlainId = (id: string): boolean =>
  id.length <= 1024 &&
  !/[\\:]/.test(id) &&
  !isMisleading(id) &&
  id.split("/").every((part) => part !== "" && !part.startsWith(".") && !/^\s|[\s.]$/.test(part));
