/** Documents by name: those that come with the program, which stay as they are, and one's own, a file each. */
import { createHash } from "node:crypto";
import { readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { freeName, type GraphDocument, hashInPieces, limits } from "../../graphs/document/index.ts";
import { writePieces } from "../files/atomic.ts";
import { stateOf } from "../files/hashes.ts";
import { noneUnlessPassing } from "../files/passing.ts";
import { resolveInside } from "../files/resolve-inside.ts";
import type { DocumentSummary } from "../protocol.ts";
import { Refusal } from "../refusal.ts";
import { grouped } from "./grouped.ts";
import { doneInTurns, readInTurns, textInTurns } from "./in-turns.ts";
import { isDocumentName, ownDocumentName } from "./name.ts";
import { asVersion, formerNames, lastOf, recall, remember, renamed, versionOf } from "./versions.ts";

const extension = ".json";

export interface StoredDocument {
  readonly text: string;
  /** Changes with every byte. */
  readonly etag: string;
}

export class DocumentStore {
  readonly #own: string;
  readonly #builtIn: string;
  /** A library: its entries have versions. */
  readonly #isLibrary: boolean;
  /** One change at a time, so that "only if it is still what I read" means what it says. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Of the documents that there are, by folder and file: reading a hundred takes a while, and they seldom change. */
  readonly #summaries = new Map<string, ReadonlyMap<string, KnownSummary>>();

  constructor(options: { readonly own: string; readonly builtIn: string; readonly isLibrary?: boolean }) {
    this.#own = options.own;
    this.#builtIn = options.builtIn;
    this.#isLibrary = options.isLibrary ?? false;
  }

  /** The built-in ones first, graphs by their groups, the rest by name. A file that is no document is passed over. Throws what the system refuses. */
  async list(): Promise<readonly DocumentSummary[]> {
    const [builtIn, own] = await Promise.all([this.#listIn(this.#builtIn, true), this.#listIn(this.#own, false)]);
    if (!this.#isLibrary) return [...grouped(builtIn), ...own];
    const former = await formerNames(this.#own);
    const withFormer = (one: DocumentSummary) => {
      const formerly = former.get(one.name);
      return formerly ? { ...one, formerly } : one;
    };
    return [...builtIn, ...own.map(withFormer)];
  }

  /** Undefined when there is none of that name. */
  async read(name: string): Promise<StoredDocument | undefined> {
    if (!isDocumentName(name)) return undefined;
    for (const folder of [this.#builtIn, this.#own]) {
      const path = await resolveInside(folder, name + extension);
      if (path !== undefined) return stored(await readFile(path, "utf8"));
    }
    return undefined;
  }

  async isBuiltIn(name: string): Promise<boolean> {
    return (await resolveInside(this.#builtIn, name + extension)) !== undefined;
  }

  /**
   * Writes one's own document if `condition` agrees with what is there, and with where a new one is already, under another name; in
   * a library, as its next version. Resolves to undefined when it does not.
   */
  write(
    name: string,
    document: GraphDocument,
    condition: (before: StoredDocument | undefined, elsewhere: string | undefined) => boolean,
  ): Promise<{ readonly after: StoredDocument; readonly isNew: boolean } | undefined> {
    return this.#alone(async () => {
      const before = await this.read(name);
      const elsewhere = before ? undefined : await this.#nameOf(document.about.id);
      if (!condition(before, elsewhere)) return undefined;
      const last = async () => (before ? lastOf(await readInTurns(before.text)) : recall(this.#own, name));
      const after = await this.#put(name, this.#isLibrary ? await asVersion(document, name, await last()) : document);
      return { after, isNew: before === undefined };
    });
  }

  /**
   * Gives one's own document another name. At no moment it has none or two. Resolves to what stood in the way: nothing
   * of the old name, something of the new one, or a `condition` that does not agree.
   */
  rename(
    name: string,
    to: string,
    condition: (before: StoredDocument) => boolean,
  ): Promise<StoredDocument | "missing" | "taken" | "changed"> {
    return this.#alone(async () => {
      const path = await this.#ownPath(name);
      if (path === undefined) return "missing";
      const before = stored(await readFile(path, "utf8"));
      if (!condition(before)) return "changed";
      if (await this.read(to)) return "taken";
      await this.#remember(name, before, to);
      await rename(path, join(this.#own, to + extension));
      if (!this.#isLibrary) return before;
      return this.#put(to, await renamed(await readInTurns(before.text), name, to, await recall(this.#own, to)));
    });
  }

  /**
   * What has come with the program under the name of one's own document hides it: that is called otherwise from then on. Resolves
   * to what was called how, and how it is now.
   */
  async unhide(): Promise<readonly (readonly [from: string, to: string])[]> {
    const files = await readdir(this.#own).catch(noneUnlessPassing([]));
    const names = files.filter((file) => file.endsWith(extension)).map((file) => file.slice(0, -extension.length));
    const taken = new Set(names);
    const done: [string, string][] = [];
    // As the editor writes names: a library's are words.
    const between = this.#isLibrary ? " " : "-";
    for (const name of names.sort()) {
      if (!isDocumentName(name) || !(await this.isBuiltIn(name))) continue;
      const to = freeName(ownDocumentName(name, between), (one) => taken.has(one), between);
      taken.add(to);
      // One that cannot be read stays where it is.
      const renamed = await this.rename(name, to, () => true).catch(noneUnlessPassing(undefined));
      if (typeof renamed === "object") done.push([name, to]);
    }
    return done;
  }

  /** Resolves to whether there was one. */
  remove(name: string): Promise<boolean> {
    return this.#alone(async () => {
      const path = await this.#ownPath(name);
      if (path === undefined) return false;
      await this.#remember(name, stored(await readFile(path, "utf8")));
      await rm(path);
      return true;
    });
  }

  /** Of one's own document of this identity; entries of a library have none. */
  async #nameOf(id: string | undefined): Promise<string | undefined> {
    if (id === undefined || this.#isLibrary) return undefined;
    return (await this.#listIn(this.#own, false)).find((one) => one.id === id)?.name;
  }

  async #ownPath(name: string): Promise<string | undefined> {
    return isDocumentName(name) ? resolveInside(this.#own, name + extension) : undefined;
  }

  async #put(name: string, document: GraphDocument): Promise<StoredDocument> {
    const text = await textInTurns(document);
    // A number of four letters may be written with twenty: what is stored must be read again.
    if (text.length > limits.text)
      throw new Refusal("too large", `Written out it has ${text.length} characters; the limit is ${limits.text}`);
    await writePieces(join(this.#own, name + extension), [Buffer.from(text)]);
    return stored(text);
  }

  /** A name that goes leaves the version it had, above which it comes back. */
  async #remember(name: string, { text }: StoredDocument, movedTo?: string): Promise<void> {
    if (!this.#isLibrary) return;
    await remember(this.#own, name, {
      ...(await lastOf(await readInTurns(text))),
      ...(movedTo !== undefined && { movedTo }),
    });
  }

  #alone<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(change);
    this.#turn = done.catch(() => {});
    return done;
  }

  /** One after the other: of many, not all are open, and in memory, at once. What is gone is forgotten. */
  async #listIn(folder: string, builtIn: boolean): Promise<DocumentSummary[]> {
    const files = (await readdir(folder).catch(noneUnlessPassing([])))
      .filter((name) => name.endsWith(extension))
      .sort();
    const before = this.#summaries.get(folder);
    const known = new Map<string, KnownSummary>();
    for (const file of files) {
      const one = await this.#summary(folder, file, builtIn, before?.get(file)).catch(noneUnlessPassing(undefined));
      if (one) known.set(file, one);
    }
    this.#summaries.set(folder, known);
    return [...known.values()].map(({ summary }) => summary);
  }

  async #summary(
    folder: string,
    file: string,
    builtIn: boolean,
    known: KnownSummary | undefined,
  ): Promise<KnownSummary | undefined> {
    const name = file.slice(0, -extension.length);
    const path = isDocumentName(name) ? await resolveInside(folder, file) : undefined;
    if (path === undefined) return undefined;
    const state = stateOf(path);
    if (known?.state === state) return known;
    const { mtime } = await stat(path);
    const { text, etag } = stored(await readFile(path, "utf8"));
    const document = await readInTurns(text);
    const { id, title, description } = document.about;
    const summary = {
      name,
      etag,
      ...(id !== undefined && { id }),
      ...(title !== undefined && { title }),
      ...(description !== undefined && { description }),
      builtIn,
      modified: mtime.toISOString(),
      hash: await doneInTurns(hashInPieces(document)),
      ...(this.#isLibrary && { version: versionOf(document) }),
    };
    return { state, summary };
  }
}

/** `state`: of its file, as it was when it was read; another whenever somebody may have written to it. */
interface KnownSummary {
  readonly state: string;
  readonly summary: DocumentSummary;
}

const stored = (text: string): StoredDocument => ({
  text,
  etag: `"${createHash("sha256").update(text).digest("hex").slice(0, 32)}"`,
});
