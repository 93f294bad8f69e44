/**
 * An entry of the library says itself which version it is, where a copy in a document says what it is a copy of: so an
 * entry is inserted as it is read. Versions of a name only rise, also when it was deleted in between.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalInPieces, type GraphDocument, hashInPieces } from "../../graphs/document/index.ts";
import { writePieces } from "../files/atomic.ts";
import { noneUnlessPassing } from "../files/passing.ts";
import { doneInTurns, writeInTurns } from "./in-turns.ts";

/** What is remembered of the last version of a name. */
export interface Last {
  readonly version: number;
  /** Hash of the whole document but for its version. */
  readonly print: string;
  /** The name that the entry has been given. */
  readonly movedTo?: string;
}

export const versionOf = ({ about }: GraphDocument): number => about.library?.version ?? 1;

export const lastOf = async (document: GraphDocument): Promise<Last> => ({
  version: versionOf(document),
  print: await printOf(document),
});

async function printOf(document: GraphDocument): Promise<string> {
  const { library: _, ...about } = document.about;
  const written = await writeInTurns({ ...document, about });
  return createHash("sha256")
    .update(await doneInTurns(canonicalInPieces(written)))
    .digest("hex");
}

/** The document as entry `name`: of the next version, unless it is what the last one was. */
export async function asVersion(document: GraphDocument, name: string, last: Last | undefined): Promise<GraphDocument> {
  const isSame = last?.print === (await printOf(document));
  const version = last === undefined ? 1 : isSame ? last.version : last.version + 1;
  return stamped(document, name, version);
}

/** The entry under another name: at least the version it has, and above any that name had before. */
export function renamed(
  document: GraphDocument,
  from: string,
  name: string,
  last: Last | undefined,
): Promise<GraphDocument> {
  const { about } = document;
  const titled = about.title === from ? { ...document, about: { ...about, title: name } } : document;
  return stamped(titled, name, Math.max(versionOf(document), (last?.version ?? 0) + 1));
}

async function stamped(document: GraphDocument, name: string, version: number): Promise<GraphDocument> {
  const hash = await doneInTurns(hashInPieces(document));
  return { ...document, about: { ...document.about, library: { name, version, hash } } };
}

/** No document's name begins with a dot. */
const pathOf = (folder: string, name: string) => join(folder, `.${name}.version`);

/** What a name had last when it went; undefined when it never had a version. */
export async function recall(folder: string, name: string): Promise<Last | undefined> {
  try {
    const { version, print, movedTo } = JSON.parse(await readFile(pathOf(folder, name), "utf8")) as Last;
    if (!Number.isSafeInteger(version) || version < 1) return undefined;
    return { version, print, ...(typeof movedTo === "string" && { movedTo }) };
  } catch {
    return undefined;
  }
}

export const remember = (folder: string, name: string, last: Last): Promise<void> =>
  writePieces(pathOf(folder, name), [Buffer.from(JSON.stringify(last))]);

/** By the names of entries today, those they had before: a copy may still know its entry by one of them. */
export async function formerNames(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const files = await readdir(folder).catch(noneUnlessPassing([]));
  const today = new Set(files.flatMap((file) => /^([^.].*)\.json$/.exec(file)?.[1] ?? []));
  const gone = files.flatMap((file) => /^\.(.+)\.version$/.exec(file)?.[1] ?? []).filter((name) => !today.has(name));
  const next = new Map<string, string>();
  for (const name of gone) {
    const { movedTo } = (await recall(folder, name)) ?? {};
    if (movedTo !== undefined) next.set(name, movedTo);
  }
  const former = new Map<string, string[]>();
  for (const name of gone) {
    const seen = new Set<string>();
    let now: string | undefined = name;
    while (now !== undefined && !today.has(now) && !seen.has(now)) {
      seen.add(now);
      now = next.get(now);
    }
    if (now !== undefined && today.has(now)) former.set(now, [...(former.get(now) ?? []), name]);
  }
  return former;
}
