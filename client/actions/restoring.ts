/** Going back to a run: its pictures on the canvas, and the graph that made them. */
import { type GraphDocument, readDocument } from "../../graphs/document/index.ts";
import { hashOf } from "../edit/origin.ts";
import type { RunView } from "../runs/run-view.ts";
import { documentOf, isOfTab, type Tab } from "../state/tab.ts";
import { arrived, inActive } from "../state/tabs.ts";
import { openDocument } from "./documents.ts";
import type { Editor } from "./editor.ts";
import { showRun, tabOf } from "./running.ts";

/** What a click on a run does: its pictures and its graph, unless edits that have never run would go out of sight. */
export async function pickRun(editor: Editor, run: RunView): Promise<void> {
  const document = await graphOfRun(editor, run);
  const { tab } = editor;
  if (!document) return;
  if (!tab || !isOfTab(tab, document) || !hasNewEdits(tab)) return restore(editor, run, document);
  showRun(editor, run);
  editor.say({
    text: `These are the pictures of run ${run.summary.number}`,
    more: "Its graph is another: yours has edits that have not run.",
    action: { label: "Restore its graph", run: () => restore(editor, run, document) },
  });
}

const hasNewEdits = (tab: Tab): boolean =>
  tab.ran ? hashOf(documentOf(tab)) !== hashOf(tab.ran) : tab.history.past.length > 0;

/** The graph of a run takes its document's place, as one step that undo takes back; that document comes to the front. */
export async function restoreRun(editor: Editor, run: RunView): Promise<void> {
  const document = await graphOfRun(editor, run);
  if (document) restore(editor, run, document);
}

async function graphOfRun(editor: Editor, { summary: { id, number } }: RunView): Promise<GraphDocument | undefined> {
  try {
    return editor.runs.graph(id) ?? readDocument((await editor.api.run(id)).graph);
  } catch (error) {
    editor.say({ text: `Cannot restore run ${number}`, more: (error as Error).message, bad: true });
    return undefined;
  }
}

function restore(editor: Editor, run: RunView, document: GraphDocument): void {
  const own = tabOf(editor, document);
  if (!own) openDocument(editor, document, run.summary.title);
  else {
    if (editor.tab?.key !== own.key) editor.show(own.key);
    if (hashOf(documentOf(own)) !== hashOf(document)) editor.editDocument(() => document);
  }
  editor.apply(
    inActive((tab) => ({ ...tab, ran: document })),
    arrived,
  );
  showRun(editor, run);
}
