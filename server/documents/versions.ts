/**
 * An entry of the library says itself which version it is, where a copy in a document says what it is a copy of: so an
 * entry is inserted as it is read. Versions of a name only rise, also when it was deleted in between.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { canonical, contentHash, type GraphDocument, hashText, writeDocument } from "../../graphs/document/index.ts";
import { writePieces } from "../files/atomic.ts";

/** What is remembered of the last version of a name. */
export interface Last {
  readonly version: number;
  /** Hash of the whole document but for its version. */
  readonly print: string;
}

export const versionOf = ({ about }: GraphDocument): number => about.library?.version ?? 1;

export const lastOf = (document: GraphDocument): Last => ({ version: versionOf(document), print: printOf(document) });

function printOf(document: GraphDocument): string {
  const { library: _, ...about } = document.about;
  return hashText(canonical(writeDocument({ ...document, about })));
}

/** The document as entry `name`: of the next version, unless it is what the last one was. */
export function asVersion(document: GraphDocument, name: string, last: Last | undefined): GraphDocument {
  const isSame = last?.print === printOf(document);
  const version = last === undefined ? 1 : isSame ? last.version : last.version + 1;
  return stamped(document, name, version);
}

/** The entry under another name: at least the version it has, and above any that name had before. */
export const renamed = (document: GraphDocument, name: string, last: Last | undefined): GraphDocument =>
  stamped(document, name, Math.max(versionOf(document), (last?.version ?? 0) + 1));

const stamped = (document: GraphDocument, name: string, version: number): GraphDocument => ({
  ...document,
  about: { ...document.about, library: { name, version, hash: contentHash(document) } },
});

/** No document's name begins with a dot. */
const pathOf = (folder: string, name: string) => join(folder, `.${name}.version`);

/** What a name had last when it went; undefined when it never had a version. */
export async function recall(folder: string, name: string): Promise<Last | undefined> {
  try {
    const { version, print } = JSON.parse(await readFile(pathOf(folder, name), "utf8")) as Last;
    return Number.isSafeInteger(version) && version >= 1 ? { version, print } : undefined;
  } catch {
    return undefined;
  }
}

export const remember = (folder: string, name: string, last: Last): Promise<void> =>
  writePieces(pathOf(folder, name), [Buffer.from(JSON.stringify(last))]);
