/** Nothing is lost by closing: open tabs live in the browser's storage, documents with a name also on the server. */
import { readDocument, writeDocument } from "../../graphs/document/index.ts";
import type { View } from "../canvas/view.ts";
import { documentOf, editedDocument, givenUp, isHung, newTab, wentTo, withViews } from "../state/tab.ts";
import { added, inTab } from "../state/tabs.ts";
import type { Editor } from "./editor.ts";
import { Saving } from "./saving.ts";

const storageKey = "guidegraph.tabs";
const delayMs = 700;

interface KeptTab {
  readonly key: string;
  readonly name: string;
  readonly level: readonly number[];
  readonly run?: string;
  readonly document: unknown;
  readonly ran?: unknown;
  /** The view of each level that one has chosen, by the level's path. */
  readonly views?: readonly (readonly [string, View])[];
  /** It took too long to look at: it is not, and not shown, by itself. */
  readonly hung?: true;
  readonly renewed?: readonly string[];
}

/** Opens what was open. A document that this version cannot read is left where it is and told. */
export function restoreTabs(editor: Editor): void {
  const kept = readKept();
  if (!kept) return;
  const { active, tabs } = kept;
  for (const kept of tabs)
    try {
      const { name, level, run } = kept;
      const read = newTab(name, readDocument(kept.document), kept.key);
      const tab = kept.hung ? givenUp(read) : read;
      editor.apply(added({ ...withViews(wentTo(tab, level), kept.views ?? []), run, renewed: new Set(kept.renewed) }));
      const ran = kept.ran ? readDocument(kept.ran) : undefined;
      editor.apply(inTab(tab.key, (tab) => ({ ...tab, ran })));
    } catch (error) {
      editor.say({ text: `Cannot open “${kept.name}” again`, more: (error as Error).message, bad: true });
    }
  const shown = [editor.tabBy(active), ...editor.state.tabs].find((tab) => tab && !isHung(tab));
  editor.show(shown?.key ?? "");
}

/** What this browser has kept; undefined where that is nothing, or nothing of ours. */
function readKept(): { readonly active: string; readonly tabs: readonly KeptTab[] } | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(storageKey) ?? "null");
    return Array.isArray(kept?.tabs) ? kept : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What another window of this browser has made of documents that are open here: here they are the same, and as they were by undo.
 * Both would else save their own, one over the other.
 */
export function takeFromOthers(editor: Editor): void {
  for (const { key, name, document: written } of readKept()?.tabs ?? []) {
    const tab = editor.tabBy(key);
    if (!tab || JSON.stringify(written) === JSON.stringify(writeDocument(documentOf(tab)))) continue;
    const document = readDocument(written);
    editor.apply(inTab(key, (tab) => ({ ...editedDocument(tab, document, "another window"), name, saved: document })));
    editor.say({
      text: `“${name}” was changed in another window`,
      more: "Here it is now as it is there; undo brings back what it was here.",
    });
  }
}

export function keepTabs(editor: Editor): void {
  let timer = 0;
  const saving = new Saving(editor);
  const keep = () => {
    editor.keepView();
    const tabs: KeptTab[] = editor.state.tabs.map((tab) => ({
      key: tab.key,
      name: tab.name,
      level: tab.level,
      document: writeDocument(documentOf(tab)),
      ...(tab.run && { run: tab.run }),
      ...(tab.ran && { ran: writeDocument(tab.ran) }),
      ...(isHung(tab) && { hung: true }),
      ...(tab.views.size > 0 && { views: [...tab.views] }),
      ...(tab.renewed.size > 0 && { renewed: [...tab.renewed] }),
    }));
    try {
      localStorage.setItem(storageKey, JSON.stringify({ active: editor.state.active, tabs }));
    } catch {
      editor.say({
        text: "This browser has no room left to keep the open documents",
        more: "They are still saved on the server.",
        bad: true,
      });
    }
    for (const tab of editor.state.tabs) void saving.save(tab);
  };
  editor.listen((changes, before) => {
    const isOpen = new Set(editor.state.tabs.map(({ key }) => key));
    if (before.tabs !== editor.state.tabs)
      for (const tab of before.tabs) if (!isOpen.has(tab.key)) void saving.saveClosed(tab);
    if (!changes.has("document") && !changes.has("view") && !changes.has("runs")) return;
    clearTimeout(timer);
    timer = window.setTimeout(keep, delayMs);
  });
  addEventListener("storage", (event) => event.key === storageKey && takeFromOthers(editor));
  addEventListener("pagehide", keep);
  // A telephone may end a page that is out of sight without a word.
  addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keep());
}
