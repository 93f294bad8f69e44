/** Nothing is lost by closing: open tabs live in the browser's storage, documents with a name also on the server. */
import { readDocument, writeDocument } from "../../graphs/document/index.ts";
import { documentOf, type Tab } from "../state/tab.ts";
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
}

/** Opens what was open. A document that this version cannot read is left where it is and told. */
export function restoreTabs(editor: Editor): void {
  const kept = readKept();
  if (!kept) return;
  const { active, tabs } = kept;
  for (const kept of tabs)
    try {
      const tab = editor.open(kept.name, readDocument(kept.document), kept.key);
      tab.level = kept.level;
      if (kept.run) tab.run = kept.run;
      if (kept.ran) tab.ran = readDocument(kept.ran);
    } catch (error) {
      editor.say({ text: `Cannot open “${kept.name}” again`, more: (error as Error).message, bad: true });
    }
  editor.show(editor.tabs.some(({ key }) => key === active) ? active : (editor.tabs[0]?.key ?? ""));
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
    const tabs: KeptTab[] = editor.tabs.map((tab) => ({
      key: tab.key,
      name: tab.name,
      level: tab.level,
      document: writeDocument(documentOf(tab)),
      ...(tab.run && { run: tab.run }),
      ...(tab.ran && { ran: writeDocument(tab.ran) }),
    }));
    try {
      localStorage.setItem(storageKey, JSON.stringify({ active: editor.active, tabs }));
    } catch {
      editor.say({
        text: "This browser has no room left to keep the open documents",
        more: "They are still saved on the server.",
        bad: true,
      });
    }
    for (const tab of editor.tabs) void saveTab(editor, tab);
  };
  editor.listen((what) => {
    if (what !== "document" && what !== "view" && what !== "runs") return;
    clearTimeout(timer);
    timer = window.setTimeout(keep, delayMs);
  });
  addEventListener("pagehide", keep);
}

async function saveTab(editor: Editor, tab: Tab): Promise<void> {
  const document = documentOf(tab);
  if (tab.saved === document) return;
  // An example stays as it came; what one makes of it is one's own.
  if (editor.examples.some(({ name, builtIn }) => builtIn && name === tab.name)) {
    tab.name = tabName(editor, `my-${tab.name}`);
    editor.changed();
  }
  const before = tab.saved;
  tab.saved = document;
  try {
    await editor.api.saveGraph(tab.name, writeDocument(document));
  } catch {
    // The browser keeps it meanwhile; the next change tries again.
    tab.saved = before;
  }
}
