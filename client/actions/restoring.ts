/** Going back to a run: its pictures on the canvas, and the graph that made them. */
import { type GraphDocument, readDocument } from "../../graphs/document/index.ts";
import { hashOf } from "../edit/origin.ts";
import type { RunView } from "../runs/run-view.ts";
import { documentOf, type Tab } from "../state/tab.ts";
import { arrived, inActive } from "../state/tabs.ts";
import { openDocument } from "./documents.ts";
import type { Editor } from "./editor.ts";
import { showRun } from "./running.ts";

/** What a click on a run does: its pictures and its graph, unless edits that have never run would go out of sight. */
export async function pickRun(editor: Editor, run: RunView): Promise<void> {
  const { tab } = editor;
  if (!tab || !isOf(tab, run) || !hasNewEdits(tab)) return restoreRun(editor, run);
  showRun(editor, run);
  editor.say({
    text: `These are the pictures of run ${run.summary.number}`,
    more: "Its graph is another: yours has edits that have not run.",
    action: { label: "Restore its graph", run: () => void restoreRun(editor, run) },
  });
}

const titleOf = ({ about: { title } }: GraphDocument): string => title ?? "Untitled";
const isOf = (tab: Tab, { summary }: RunView): boolean => titleOf(documentOf(tab)) === summary.title;
const hasNewEdits = (tab: Tab): boolean =>
  tab.ran ? hashOf(documentOf(tab)) !== hashOf(tab.ran) : tab.history.past.length > 0;

/** The graph of a run takes its document's place, as one step that undo takes back; that document comes to the front. */
export async function restoreRun(editor: Editor, run: RunView): Promise<void> {
  try {
    const { graph } = await editor.api.run(run.summary.id);
    const document = readDocument(graph);
    const own = editor.tab && isOf(editor.tab, run) ? editor.tab : editor.state.tabs.find((tab) => isOf(tab, run));
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
  } catch (error) {
    editor.say({ text: `Cannot restore run ${run.summary.number}`, more: (error as Error).message, bad: true });
  }
}
