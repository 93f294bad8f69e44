/**
 * What is told elsewhere names no folder of this machine. A folder is replaced where its whole path stands, and nowhere else:
 * a short name is a part of many words, and `/data` of `/data2`.
 */
import { realpathSync } from "node:fs";
import { parse, resolve } from "node:path";

/** `folders`: what stands for each. Of one that lies in another the nearest is told. */
export function withoutFolders(folders: Readonly<Record<string, string>>): (text: string) => string {
  const known = new Map(
    Object.entries(folders).flatMap(([folder, instead]) => formsOf(folder).map((path) => [path, instead] as const)),
  );
  if (known.size === 0) return (text) => text;
  const paths = [...known.keys()].sort((a, b) => b.length - a.length);
  const places = new RegExp(`${before}(?:${paths.map(literal).join("|")})${behind}`, "gu");
  return (text) => text.replace(places, (path) => known.get(path) ?? path);
}

/** As it is called from anywhere, and as the system calls it. A root is in every path, and tells nothing. */
function formsOf(folder: string): readonly string[] {
  const path = resolve(folder);
  return [...new Set([path, realOf(path)])].filter((form) => form !== parse(form).root);
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** No longer path ends here; one may begin behind `file://`. */
const before = String.raw`(?<=:\/\/|(?<![\p{L}\p{N}_.\-/\\]))`;
/** The name goes no further, but for the full stop of a sentence. */
const behind = String.raw`(?![\p{L}\p{N}_]|[.\-]+[\p{L}\p{N}_])`;

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
