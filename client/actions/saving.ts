/**
 * Documents on the server. One whose save fails stays open, or is open again: then this browser keeps it. What another browser
 * has written meanwhile stays as it is there, and what is here is kept beside it.
 */
import { type GraphDocument, ownName, writeDocument } from "../../graphs/document/index.ts";
import { ApiError } from "../runs/api.ts";
import { randomKey } from "../runs/random-key.ts";
import { hasBeen, parted, partedKey, sending } from "../state/parting.ts";
import type { Notice } from "../state/state.ts";
import type { Stored } from "../state/stored.ts";
import { documentOf, identified, type Tab } from "../state/tab.ts";
import { added, inTab } from "../state/tabs.ts";
import { tabName } from "./document-names.ts";
import { openGraph } from "./documents.ts";
import type { Editor } from "./editor.ts";
import { listGraphs } from "./loading.ts";
import { cameTo, findStored, type OnServer, readStored, renameNotice } from "./stored-documents.ts";

/** What the server has then, and under which key its tab goes on. */
interface Saved extends Stored {
  readonly key: string;
}

type Outcome = Promise<Saved | Error>;

/** A document on its way: under which name and identity, over what. */
interface Way {
  readonly tab: Tab;
  readonly document: GraphDocument;
  readonly name: string;
  readonly stored: Stored | undefined;
  readonly tried: readonly string[];
  /** To be said once it is there, under whichever name. */
  readonly notice?: (name: string) => Notice;
}

/** So many names are tried, or states that others write meanwhile. */
const mostTries = 20;

export class Saving {
  readonly #editor: Editor;
  readonly #hear: () => Promise<void>;
  readonly #browser: string;
  /** On their way, by the tab's key. */
  readonly #sent = new Map<string, { readonly document: GraphDocument; readonly outcome: Outcome }>();
  /** Their tabs go on under another key. */
  readonly #parted = new Set<string>();
  /** It was said of them that the server refuses them. */
  readonly #told = new Set<string>();

  /** `hear`: resolves once what other windows of this browser have told is taken. */
  constructor(editor: Editor, hear: () => Promise<void> = async () => {}, browser = randomKey()) {
    this.#editor = editor;
    this.#hear = hear;
    this.#browser = browser;
  }

  /** As it is now, unless that is saved or on its way. Of an open document the next change tries again. */
  save(tab: Tab): Promise<Error | undefined> {
    const { key, saved } = tab;
    const document = documentOf(tab);
    const before = this.#sent.get(key);
    if (before?.document === document) return before.outcome.then(errorIn);
    if (!before && saved === document) return Promise.resolve(undefined);
    const sent = { document, outcome: this.#send(tab, document, before?.outcome) };
    this.#sent.set(key, sent);
    void sent.outcome.then(() => {
      for (const [key, one] of this.#sent) if (one === sent) this.#sent.delete(key);
    });
    return sent.outcome.then(errorIn);
  }

  /** One that was closed, maybe before it was saved. */
  async saveClosed(tab: Tab): Promise<void> {
    const editor = this.#editor;
    if (this.#parted.delete(tab.key)) return;
    const error = await this.save(tab);
    if (!error) return;
    const isTaken = editor.state.tabs.some(({ name }) => name === tab.name);
    const name = isTaken ? tabName(editor, tab.name) : tab.name;
    // Its older state may have been opened meanwhile: then this is another document.
    const isOpen = editor.tabBy(tab.key) !== undefined;
    const key = isOpen ? randomKey() : tab.key;
    const { stored: _, ...rest } = tab;
    editor.apply(added({ ...(isOpen ? { ...rest, sent: [] } : sending(tab, documentOf(tab))), name, key }));
    const closeAnyway = () => {
      editor.apply(inTab(key, (tab) => ({ ...tab, saved: documentOf(tab) })));
      editor.close(key);
    };
    editor.say({
      text: `“${name}” could not be saved and is open again`,
      more: error.message,
      bad: true,
      action: { label: "Close without saving", run: closeAnyway },
    });
  }

  /** What is on its way from here comes first: the server has another state after it. */
  async #send(tab: Tab, document: GraphDocument, before: Outcome | undefined): Outcome {
    const editor = this.#editor;
    // An example stays as it came; what one makes of it is one's own.
    const isExample = editor.state.examples.some((one) => one.builtIn && one.name === tab.name);
    const own = isExample ? tabName(editor, ownName(tab.name)) : tab.name;
    editor.apply(inTab(tab.key, (tab) => ({ ...tab, name: own })));
    const last = before && (await before);
    const saved = last instanceof Error ? undefined : last;
    const closed = { ...tab, name: own, ...(saved && { key: saved.key, name: saved.name, stored: saved, sent: [] }) };
    const now: Tab = editor.tabBy(saved?.key ?? tab.key) ?? closed;
    const { name } = now;
    try {
      const isAstray = !now.stored && now.sent.some((sent) => sent.name !== name);
      const stored = isAstray ? await cameTo(editor.api, now) : now.stored;
      return await this.#through({ tab: now, document, name, stored, tried: [name] });
    } catch (error) {
      if (error instanceof ApiError) this.#tell(tab, error);
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** Once, of an open one: each change tries again. That the server is away is said elsewhere. */
  #tell({ key, name }: Tab, { message }: ApiError): void {
    if (!this.#editor.tabBy(key) || this.#told.has(key)) return;
    this.#told.add(key);
    this.#editor.say({ text: `“${name}” is not saved on the server; this browser keeps it`, more: message, bad: true });
  }

  async #through(way: Way, tries = 1): Promise<Saved> {
    try {
      return await this.#write(way);
    } catch (error) {
      const next = error instanceof ApiError && tries < mostTries ? await this.#around(way, error) : undefined;
      if (!next) throw error;
      return this.#through(next, tries + 1);
    }
  }

  async #write({ tab: { key }, document, name, stored, notice }: Way): Promise<Saved> {
    const editor = this.#editor;
    const { api } = editor;
    editor.apply(inTab(key, (tab) => sending(tab, document, name)));
    const over = stored && (stored.name === name ? stored.etag : await api.renameGraph(stored.name, name, stored.etag));
    const now = { name, etag: await api.saveGraph(name, writeDocument(identified(document, key)), over) };
    editor.apply(inTab(key, (tab) => ({ ...tab, saved: document, stored: now, sent: [] })));
    this.#told.delete(key);
    if (notice) editor.say(notice(name), 12_000);
    if (stored?.name !== name) void listGraphs(editor);
    return { ...now, key };
  }

  /** Another way for what was refused; undefined where there is none. */
  async #around(way: Way, { status }: ApiError): Promise<Way | undefined> {
    const { api } = this.#editor;
    const { name, stored } = way;
    const isMoved = stored !== undefined && stored.name !== name;
    // The name is an example's, which stays as it came.
    if (status === 409 && !isMoved) return this.#named(way, tabName(this.#editor, ownName(name), way.tried));
    if (status === 409 && (await readStored(api, name))) return this.#besides(way, name);
    // Else what it was called is an example's: it is saved as a new one, unless it lies elsewhere.
    if (status !== 412 && !(stored && (status === 404 || status === 409))) return undefined;
    await this.#hear();
    const now = this.#asOpen(way);
    const theirs = await findStored(api, way.tab.key, stored?.name ?? name);
    if (typeof theirs === "object") return this.#over(now, theirs, status);
    return stored || !theirs ? { ...now, stored: undefined } : this.#besides(now, now.name);
  }

  /** Over what lies there of this document, or beside it. */
  #over(way: Way, theirs: OnServer, status: number): Way | undefined {
    const { tab, stored } = way;
    const { document, ...there } = theirs;
    const open = this.#editor.tabBy(tab.key);
    const isThere = stored?.name === theirs.name;
    const isAsStored = stored?.etag === theirs.etag;
    // It is as was asked for, and was refused: something on the way changes tags. Then any state fits, or none does.
    if (isThere && isAsStored && status === 412) return { ...way, stored: { ...there, etag: "*" } };
    if (isThere && stored.etag === "*") return undefined;
    // Written from here, by another window or with a reply that was lost.
    const isOurs = isAsStored || open?.stored?.etag === theirs.etag || (document && hasBeen(tab, document));
    if (!isOurs && !stored && document?.about.id !== tab.key) return this.#besides(way, theirs.name);
    if (!isOurs) return this.#apart({ ...way, tried: [...way.tried, theirs.name] }, theirs);
    // Nothing of it was stored from here, or under the name that it has here still.
    const isNamedThere = stored === undefined || stored.name === way.name;
    const isRenamedThere = isNamedThere && !tab.sent.some(({ name }) => name === theirs.name);
    return { ...(isRenamedThere ? this.#follows(way, theirs.name) : way), stored: there };
  }

  /** As it is by now, if it is open. */
  #asOpen(way: Way): Way {
    const open = this.#editor.tabBy(way.tab.key);
    return open ? { ...way, tab: open, document: documentOf(open), name: open.name } : way;
  }

  #named(way: Way, name: string): Way {
    this.#editor.apply(inTab(way.tab.key, (tab) => (tab.name === way.name ? { ...tab, name } : tab)));
    return { ...way, name, tried: [...way.tried, name] };
  }

  /** Somebody has given it another name. */
  #follows(way: Way, to: string): Way {
    if (way.name === to) return way;
    return { ...this.#named(way, to), notice: way.notice ?? (() => renameNotice(way.name, to)) };
  }

  /** The name is another document's. */
  #besides(way: Way, taken: string): Way {
    const notice = (name: string) => ({
      text: `The server has another “${taken}”`,
      more: `This one is kept as “${name}”.`,
    });
    return { ...this.#named(way, this.#freeName(way)), notice: way.notice ?? notice };
  }

  /** Two have changed it, each without the other's: theirs stays as it is there, and what is here is another document. */
  #apart(way: Way, theirs: Stored): Way {
    const editor = this.#editor;
    const key = partedKey(way.tab.key, theirs.etag, this.#browser);
    const name = way.name === theirs.name ? this.#freeName(way) : way.name;
    if (editor.tabBy(way.tab.key)) this.#parted.add(way.tab.key);
    const sent = this.#sent.get(way.tab.key);
    if (sent) this.#sent.set(key, sent);
    editor.apply(parted(way.tab.key, { key, name }));
    const notice = (name: string) => ({
      text: `“${theirs.name}” was changed in another browser`,
      more: `There it stays; what you made of it here is kept as “${name}”.`,
      action: { label: `Open “${theirs.name}”`, run: () => void openGraph(editor, theirs.name) },
    });
    return {
      tab: { ...way.tab, key, name },
      document: way.document,
      name,
      stored: undefined,
      tried: [...way.tried, name],
      notice,
    };
  }

  #freeName({ name, tried }: Way): string {
    return tabName(this.#editor, name.replace(/-\d+$/, ""), tried);
  }
}

const errorIn = (outcome: Saved | Error): Error | undefined => (outcome instanceof Error ? outcome : undefined);
