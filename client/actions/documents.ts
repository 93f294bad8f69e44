/** Opening, saving and naming documents. */
import { emptyGraph, type GraphDocument, readDocument } from "../../graphs/document/index.ts";
import { documentOf, identified } from "../state/tab.ts";
import { withBatches } from "../state/ui.ts";
import { copyForPerson } from "./clipboard.ts";
import { tabName } from "./document-names.ts";
import type { Editor } from "./editor.ts";
import { tellMissingFiles } from "./missing-files.ts";
import { download, fileText, linkTo } from "./sharing.ts";

export async function newDocument(editor: Editor): Promise<void> {
  const asked = editor.ask();
  await editor.begun;
  editor.open(tabName(editor, "untitled"), emptyGraph, { asked });
}

interface Opened {
  /** Another document may have it: then it is numbered. */
  readonly name: string;
  /** What of its file was left out or changed. */
  readonly notes?: readonly string[];
  /** The wish that it fulfils, unless one of just now. */
  readonly asked?: number;
}

export function openDocument(editor: Editor, document: GraphDocument, { name, notes = [], asked }: Opened): void {
  const { id } = document.about;
  // Of two open copies of one document the second is another.
  const key = id !== undefined && editor.tabBy(id) ? undefined : id;
  const tab = editor.open(tabName(editor, name), document, { ...(key !== undefined && { key }), asked });
  if (notes.length > 0) editor.say({ text: `“${name}” is open`, more: notes.join("\n") }, 15_000);
  void tellMissingFiles(editor, tab, notes);
}

/** Those that are on their way from the server, each with the last wish for it: a second press opens no second copy. */
const opening = new Map<string, number>();

/** From the server; an open one is shown instead. */
export async function openGraph(editor: Editor, name: string, asked = editor.ask()): Promise<void> {
  const open = editor.state.tabs.find((tab) => tab.name === name);
  if (open) return editor.show(open.key, asked);
  const isUnderway = opening.has(name);
  opening.set(name, asked);
  if (isUnderway) return;
  try {
    const { graph, etag } = await editor.api.graph(name);
    const document = readDocument(graph);
    const same = document.about.id === undefined ? undefined : editor.tabBy(document.about.id);
    const last = opening.get(name);
    if (same) return editor.show(same.key, last);
    const { id } = document.about;
    const stored = etag === undefined ? {} : { stored: { name, etag } };
    const tab = editor.open(name, document, { ...(id && { key: id }), ...stored, asked: last });
    void tellMissingFiles(editor, tab);
  } catch (error) {
    editor.say({ text: `Cannot open “${name}”`, more: (error as Error).message, bad: true });
  } finally {
    opening.delete(name);
  }
}

/** A command line of the reference's scripts, as the graph that does the same. */
export async function openCommand(editor: Editor, command: string): Promise<boolean> {
  const asked = editor.ask();
  try {
    const { graph, batches, notes } = await editor.api.command(command);
    const document = readDocument(graph);
    editor.hush();
    openDocument(editor, document, { name: document.about.title ?? "sample", notes, asked });
    editor.apply(withBatches(batches));
    return true;
  } catch (error) {
    editor.say({ text: "The command is not opened", more: (error as Error).message, bad: true });
    return false;
  }
}

/** The file is what a run of it is sent: its pictures carry the same graph, to the byte. */
export function saveFile({ tab }: Editor): void {
  if (!tab) return;
  const document = documentOf(tab);
  const known = document.about.id === undefined ? identified(document, tab.key) : document;
  download(`${tab.name}.json`, fileText(known), "application/json");
}

export async function copyLink(editor: Editor): Promise<void> {
  if (!editor.tab) return;
  const link = linkTo(documentOf(editor.tab));
  await copyForPerson(editor, "A link that contains this graph", link, "Save the graph as a file instead.");
}
