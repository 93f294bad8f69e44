/** A browser with a page of the editor, which can be loaded anew with what it kept. */
import { vi } from "vitest";
import type { Editor } from "../../../client/actions/editor.ts";
import { restoreTabs } from "../../../client/actions/keeping.ts";
import { keptTab, writeKept } from "../../../client/actions/kept-tabs.ts";
import { Saving } from "../../../client/actions/saving.ts";
import { takeLater } from "../../../client/actions/taking.ts";
import { put } from "../../../client/state/state.ts";
import { documentOf } from "../../../client/state/tab.ts";
import { inTab } from "../../../client/state/tabs.ts";
import type { GraphDocument } from "../../../graphs/document/index.ts";
import type { DocumentServer, Way } from "./document-server.ts";
import { editorWith } from "./editor.ts";

export const titled = (title: string): GraphDocument => ({
  nodes: [],
  links: [],
  groups: [],
  about: { versions: {}, title },
});

export class DocumentBrowser {
  readonly #server: DocumentServer;
  readonly #by: string;
  readonly #way: Way;
  #kept = "null";
  #pages = 0;
  editor!: Editor;
  saving!: Saving;

  constructor(server: DocumentServer, by: string, way: Way = {}) {
    this.#server = server;
    this.#by = by;
    this.#way = way;
    this.#load();
  }

  #load(): void {
    const page = ++this.#pages;
    const isGone = () => page !== this.#pages;
    this.editor = editorWith({ api: this.#server.seenBy(this.#by, { ...this.#way, isGone }) });
    this.saving = new Saving(this.editor, undefined, this.#by);
  }

  get title(): string | undefined {
    return documentOf(this.editor.tab!).about.title;
  }
  edit(title: string): void {
    this.editor.editDocument(() => titled(title));
  }
  rename(name: string): void {
    this.editor.apply(inTab(this.editor.tab!.key, (tab) => ({ ...tab, name })));
  }
  save(): Promise<Error | undefined> {
    return this.saving.save(this.editor.tab!);
  }
  /** Somebody comes back to its window. */
  async focus(): Promise<void> {
    const { editor } = this;
    editor.apply(put({ examples: await editor.api.graphs() }));
    for (const tab of editor.state.tabs) await takeLater(editor, tab);
  }

  /** The page ends, and what was on its way from it has no one to come back to. */
  reload(): void {
    const { active, tabs } = this.editor.state;
    this.#stored(() => writeKept({ active, tabs: tabs.map(keptTab) }));
    this.#load();
    this.#stored(() => restoreTabs(this.editor));
  }

  #stored(act: () => void): void {
    const setItem = (_: string, text: string) => {
      this.#kept = text;
    };
    vi.stubGlobal("localStorage", { getItem: () => this.#kept, setItem });
    act();
    vi.unstubAllGlobals();
  }
}
