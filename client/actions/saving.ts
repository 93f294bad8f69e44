/** Documents on the server. One whose save fails stays open, or is open again: then this browser keeps it. */
import { type GraphDocument, writeDocument } from "../../graphs/document/index.ts";
import { randomKey } from "../runs/random-key.ts";
import { documentOf, identified, type Tab } from "../state/tab.ts";
import { added, inTab } from "../state/tabs.ts";
import { tabName } from "./documents.ts";
import type { Editor } from "./editor.ts";

/** What went wrong; undefined once it is saved. */
type Outcome = Promise<Error | undefined>;

export class Saving {
  readonly #editor: Editor;
  /** On their way, by the tab's key. */
  readonly #sent = new Map<string, { readonly document: GraphDocument; readonly outcome: Outcome }>();

  constructor(editor: Editor) {
    this.#editor = editor;
  }

  /** As it is now, unless that is saved or on its way. Of an open document the next change tries again. */
  save(tab: Tab): Outcome {
    const { key, saved } = tab;
    const document = documentOf(tab);
    const before = this.#sent.get(key);
    if (before?.document === document) return before.outcome;
    if (!before && saved === document) return Promise.resolve(undefined);
    const sent = { document, outcome: this.#send(tab, document) };
    this.#sent.set(key, sent);
    void sent.outcome.then(() => this.#sent.get(key) === sent && this.#sent.delete(key));
    return sent.outcome;
  }

  /** One that was closed, maybe before it was saved. */
  async saveClosed(tab: Tab): Promise<void> {
    const editor = this.#editor;
    const error = await this.save(tab);
    if (!error) return;
    const isTaken = editor.state.tabs.some(({ name }) => name === tab.name);
    const name = isTaken ? tabName(editor, tab.name) : tab.name;
    // Its older state may have been opened meanwhile: then this is another document.
    const key = editor.tabBy(tab.key) ? randomKey() : tab.key;
    editor.apply(added({ ...tab, name, key }));
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

  async #send({ key, name }: Tab, document: GraphDocument): Outcome {
    const editor = this.#editor;
    // An example stays as it came; what one makes of it is one's own.
    const isExample = editor.state.examples.some((one) => one.builtIn && one.name === name);
    const own = isExample ? tabName(editor, `my-${name}`) : name;
    editor.apply(inTab(key, (tab) => ({ ...tab, name: own })));
    try {
      await editor.api.saveGraph(own, writeDocument(identified(document, key)));
      editor.apply(inTab(key, (tab) => ({ ...tab, saved: document })));
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }
}
