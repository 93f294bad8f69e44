/** Nothing is lost by closing: open tabs live in the browser's storage, documents with a name also on the server. */
import { readDocument, writeDocument } from "../../graphs/document/index.ts";
import type { View } from "../canvas/view.ts";
import { documentOf, givenUp, identified, isHung, newTab, type Tab, wentTo, withViews } from "../state/tab.ts";
import { added, inTab } from "../state/tabs.ts";
import { tabName } from "./documents.ts";
import type { Editor } from "./editor.ts";

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

export function keepTabs(editor: Editor): void {
  let timer = 0;
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
    for (const tab of editor.state.tabs) void saveTab(editor, tab);
  };
  editor.listen((changes, before) => {
    // One that is closed within the delay is saved all the same.
    const isOpen = new Set(editor.state.tabs.map(({ key }) => key));
    if (before.tabs !== editor.state.tabs)
      for (const tab of before.tabs) if (!isOpen.has(tab.key)) void saveTab(editor, tab);
    if (!changes.has("document") && !changes.has("view") && !changes.has("runs")) return;
    clearTimeout(timer);
    timer = window.setTimeout(keep, delayMs);
  });
  addEventListener("pagehide", keep);
  // A telephone may end a page that is out of sight without a word.
  addEventListener("visibilitychange", () => document.visibilityState === "hidden" && keep());
}

async function saveTab(editor: Editor, { key, name, saved, history: { present: document } }: Tab): Promise<void> {
  if (saved === document) return;
  // An example stays as it came; what one makes of it is one's own.
  const isExample = editor.state.examples.some((one) => one.builtIn && one.name === name);
  const own = isExample ? tabName(editor, `my-${name}`) : name;
  editor.apply(inTab(key, (tab) => ({ ...tab, name: own, saved: document })));
  try {
    await editor.api.saveGraph(own, writeDocument(identified(document, key)));
  } catch {
    // The browser keeps it meanwhile; the next change tries again.
    editor.apply(inTab(key, (tab) => (tab.saved === document ? { ...tab, saved } : tab)));
  }
}
