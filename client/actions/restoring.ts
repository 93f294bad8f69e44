/** Going back to a run: its pictures on the canvas, and the graph that made them. */
import { type GraphDocument, readDocument } from "../../graphs/document/index.ts";
import { hashOf } from "../edit/origin.ts";
import type { RunView } from "../runs/run-view.ts";
import { documentOf, isOfTab, type Tab } from "../state/tab.ts";
import { arrived, inActive } from "../state/tabs.ts";
import { openDocument, openGraph } from "./documents.ts";
import type { Editor } from "./editor.ts";
import { showRun, tabOf } from "./running.ts";

/** What a click on a run does: its pictures and its graph, unless edits that have never run would go out of sight. */
export async function pickRun(editor: Editor, run: RunView): Promise<void> {
  const asked = editor.ask();
  const document = await graphOfRun(editor, run);
  if (editor.isOvertaken(asked)) return;
  const { tab } = editor;
  if (!document) return;
  if (!tab || !isOfTab(tab, document) || !hasNewEdits(tab)) return await restore(editor, run, document);
  showRun(editor, run);
  editor.say({
    text: `These are the pictures of run ${run.summary.number}`,
    more: "Its graph is another: yours has edits that have not run.",
    action: { label: "Restore its graph", run: () => void restore(editor, run, document) },
  });
}

const hasNewEdits = (tab: Tab): boolean =>
  tab.ran ? hashOf(documentOf(tab)) !== hashOf(tab.ran) : tab.history.past.length > 0;

/** The graph of a run takes its document's place, as one step that undo takes back; that document comes to the front. */
export async function restoreRun(editor: Editor, run: RunView): Promise<void> {
  const asked = editor.ask();
  const document = await graphOfRun(editor, run);
  if (document && !editor.isOvertaken(asked)) await restore(editor, run, document);
}

async function graphOfRun(editor: Editor, { summary: { id, number } }: RunView): Promise<GraphDocument | undefined> {
  try {
    return editor.runs.graph(id) ?? readDocument((await editor.api.run(id)).graph);
  } catch (error) {
    editor.say({ text: `Cannot restore run ${number}`, more: (error as Error).message, bad: true });
    return undefined;
  }
}

/** One that was closed is opened as it was saved, under whatever name; the run's graph is then an edit of it. */
async function restore(editor: Editor, run: RunView, document: GraphDocument): Promise<void> {
  const saved = tabOf(editor, document) ? undefined : await savedAs(editor, document.about.id);
  if (saved !== undefined) await openGraph(editor, saved);
  const own = tabOf(editor, document);
  if (!own) openDocument(editor, document, { name: run.summary.title });
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

/** The name under which the server has the document of this identity. */
async function savedAs(editor: Editor, id: string | undefined): Promise<string | undefined> {
  if (id === undefined) return undefined;
  const graphs = await editor.api.graphs().catch(() => editor.state.examples);
  return graphs.find((one) => one.id === id && !one.builtIn)?.name;
}
