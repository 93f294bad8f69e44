/** Nothing is lost by closing: open tabs live in the browser's storage, documents with a name also on the server. */
import { readDocument } from "../../graphs/document/index.ts";
import { randomKey } from "../runs/random-key.ts";
import { isLater, type Stamp } from "../state/agreed.ts";
import { wentTo, withViews } from "../state/looking.ts";
import { withSent } from "../state/parting.ts";
import { documentOf, givenUp, isHung, newTab, type Tab } from "../state/tab.ts";
import { added, inTab } from "../state/tabs.ts";
import { agreedBy, withTheirs, withUnread } from "../state/windows.ts";
import type { Editor } from "./editor.ts";
import {
  browserName,
  forgetKept,
  isKept,
  isWrittenAs,
  type KeptTab,
  keptTab,
  readKept,
  stampOf,
  writeKept,
} from "./kept-tabs.ts";
import { Saving } from "./saving.ts";

const delayMs = 700;

/** Within that, what another window has saved is told of here. */
const hearMs = 1_000;

/**
 * Opens what was open, and shows what was in front unless somebody has asked for something else by then. A document that this
 * version cannot read is left where it is and told.
 */
export function restoreTabs(editor: Editor, asked = editor.ask()): void {
  const kept = readKept();
  if (!kept) return;
  const { active, tabs } = kept;
  for (const kept of tabs)
    try {
      const { name, level, run } = kept;
      const document = readDocument(kept.document);
      const read = newTab(name, document, kept.key);
      const tab = {
        ...(kept.hung ? givenUp(read) : read),
        agreed: { stamp: stampOf(kept), name, document },
        ...(kept.unsaved && { saved: undefined }),
        ...(kept.stored && { stored: kept.stored }),
        sent: kept.sent ?? [],
        restored: true as const,
      };
      editor.apply(added({ ...withViews(wentTo(tab, level), kept.views ?? []), run, renewed: new Set(kept.renewed) }));
      const ran = kept.ran ? readDocument(kept.ran) : undefined;
      editor.apply(inTab(tab.key, (tab) => ({ ...tab, ran })));
    } catch (error) {
      const forget = { label: "Forget it", run: () => forgetKept(kept.key) };
      const isOpen = editor.tabBy(kept.key) !== undefined;
      const more = (error as Error).message;
      editor.say({ text: `Cannot open “${kept.name}” again`, more, bad: true, ...(!isOpen && { action: forget }) });
    }
  const shown = [editor.tabBy(active), ...editor.state.tabs].find((tab) => tab && !isHung(tab));
  editor.show(active === "" ? "" : (shown?.key ?? ""), asked);
}

/** One window of the several that a browser may have: a document that is open in more of them is the same in all. */
export class Keeping {
  readonly #editor: Editor;
  readonly #saving: Saving;
  readonly #window = randomKey();
  /** Of what was closed here, by its key, the last that windows had in common. */
  readonly #closed = new Map<string, Stamp | undefined>();

  constructor(editor: Editor) {
    this.#editor = editor;
    const hear = async () => {
      await new Promise((resolve) => setTimeout(resolve, hearMs));
      this.take();
    };
    this.#saving = new Saving(editor, hear, browserName());
  }

  /** Keeps what is open, and saves it. */
  keep(): void {
    const editor = this.#editor;
    editor.keepView();
    this.take();
    // Before it is kept: an example that is saved gets a name of its own.
    for (const tab of editor.state.tabs) void this.#saving.save(tab);
    editor.apply((state) => ({ ...state, tabs: state.tabs.map((tab) => agreedBy(this.#window, tab)) }));
    try {
      writeKept({ active: editor.state.active, tabs: [...editor.state.tabs.map(keptTab), ...this.#elsewhere()] });
    } catch {
      editor.say({
        text: "This browser has no room left to keep the open documents",
        more: "They are still saved on the server.",
        bad: true,
      });
    }
  }

  /** Takes what other windows have kept since. True where something is kept as it was earlier: one wrote without having heard. */
  take(): boolean {
    let isBehind = false;
    for (const kept of readKept()?.tabs ?? []) {
      const tab = this.#editor.tabBy(kept.key);
      // What was closed here, and is open again, is what was opened; not what was kept of it before.
      const [stamp, known] = [stampOf(kept), tab?.agreed?.stamp ?? this.#closed.get(kept.key)];
      if (tab && isLater(stamp, known)) this.#takeOne(tab, kept, stamp);
      else if (tab && known && !isLater(known, stamp))
        this.#editor.apply(inTab(kept.key, (tab) => withSaved(tab, kept)));
      isBehind ||= known !== undefined && isLater(known, stamp);
    }
    return isBehind;
  }

  /** One that was closed is kept no more; what was not saved of it is saved now. */
  close(tab: Tab): void {
    this.#closed.set(tab.key, tab.agreed?.stamp);
    void this.#saving.saveClosed(tab);
  }

  #takeOne(tab: Tab, kept: KeptTab, stamp: Stamp): void {
    const editor = this.#editor;
    const isTaken = editor.state.tabs.some(({ key, name }) => key !== tab.key && name === kept.name);
    const name = isTaken ? tab.name : kept.name;
    try {
      const document = readDocument(kept.document);
      const [next, shown] = withTheirs(tab, { stamp, name, document }, isWrittenAs(documentOf(tab), kept.document));
      const now = { ...withSent(next, kept.sent ?? []), ...(kept.stored && { stored: kept.stored }) };
      editor.apply(inTab(tab.key, () => withSaved(now, kept)));
      if (shown === "theirs")
        editor.say({
          text: `“${next.name}” was changed in another window`,
          more: "Here it is now as it is there; undo brings back what it was here.",
        });
      if (shown === "ours")
        editor.say({
          text: `“${next.name}” is being changed in another window too`,
          more: "It stays as it is here, there too; undo brings back what it was there.",
        });
    } catch (error) {
      editor.apply(inTab(tab.key, (tab) => withUnread(tab, { stamp, name, unread: kept.document })));
      editor.say({
        text: `“${name}” was changed in another window and cannot be read in this one`,
        more: `${(error as Error).message}\nReload this page: the other may be of a newer version.`,
        bad: true,
      });
    }
  }

  /** Of what is not open here, that which the server has not got, or this version cannot read: it may be nowhere else. */
  #elsewhere(): readonly KeptTab[] {
    return (readKept()?.tabs ?? []).filter((kept) => {
      const isClosed = this.#closed.has(kept.key) && !isLater(stampOf(kept), this.#closed.get(kept.key));
      return !isClosed && !this.#editor.tabBy(kept.key) && (kept.unsaved || !isReadable(kept));
    });
  }
}

/** What another window has saved of the state that is here and there is saved. */
function withSaved(tab: Tab, { stored, unsaved }: KeptTab): Tab {
  const document = documentOf(tab);
  const isNews = stored && !unsaved && tab.agreed?.document === document && tab.saved !== document;
  return isNews ? { ...tab, stored, saved: document } : tab;
}

function isReadable({ document }: KeptTab): boolean {
  try {
    readDocument(document);
    return true;
  } catch {
    return false;
  }
}

export function keepTabs(editor: Editor): void {
  let timer = 0;
  const keeping = new Keeping(editor);
  const keep = () => {
    keeping.keep();
    clearTimeout(timer);
  };
  const keepSoon = () => {
    clearTimeout(timer);
    timer = window.setTimeout(keep, delayMs);
  };
  const take = () => {
    if (keeping.take()) keep();
  };
  editor.listen((changes, before) => {
    const isOpen = new Set(editor.state.tabs.map(({ key }) => key));
    if (before.tabs !== editor.state.tabs) for (const tab of before.tabs) if (!isOpen.has(tab.key)) keeping.close(tab);
    // Not at news of runs, which come faster than this waits: what is kept of them changes the tabs.
    if (before.tabs !== editor.state.tabs || changes.has("document") || changes.has("view")) keepSoon();
  });
  addEventListener("storage", (event) => isKept(event) && take());
  // A page that comes back as it was has heard of nothing meanwhile.
  addEventListener("pageshow", ({ persisted }) => persisted && take());
  addEventListener("pagehide", keep);
  // A telephone may end a page that is out of sight without a word.
  addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keep());
}
