/** Other names: of nodes, of groups, of documents. */
import { nodeOf, setTitle } from "../edit/graph.ts";
import { titleOf } from "../edit/level.ts";
import { documentOf, editedDocument, type Tab } from "../state/tab.ts";
import { inTab } from "../state/tabs.ts";
import { opened } from "../state/ui.ts";
import { slugOf, tabName } from "./document-names.ts";
import { saveFile } from "./documents.ts";
import type { Editor } from "./editor.ts";

/** The title of a node, where it is painted. An empty one is its definition's again. */
export function renameNode(editor: Editor, id: number): void {
  const node = nodeOf(editor.graph, id);
  const card = editor.canvas?.card(id);
  if (!node || !card || !editor.canvas) return;
  const [x, y] = editor.canvas.toScreen([card.box[0], card.box[1]]);
  const width = Math.max(160, card.width * editor.canvas.view.scale);
  editor.apply(
    opened({
      is: "rename",
      box: [x, y, width, Math.max(28, card.head * editor.canvas.view.scale)],
      label: "Title of the node",
      value: titleOf(node, editor.catalogue),
      commit: (title) => editor.edit((graph) => setTitle(graph, id, title)),
    }),
  );
}

export function renameGroup(editor: Editor, index: number): void {
  const { canvas } = editor;
  const group = editor.graph.groups[index];
  if (!canvas || !group) return;
  const [left, top, width] = group.bounding;
  const [x, y] = canvas.toScreen([left + 6, top + 4]);
  editor.apply(opened({ is: "group", index, box: [x, y, Math.max(120, (width - 12) * canvas.view.scale), 24] }));
}

/** Asks for the name of a document, under its tab. `after`: what was to be done with it. */
export function askName(editor: Editor, tab: Tab, after?: () => void): void {
  const at = document.querySelector(`.tab[data-key="${CSS.escape(tab.key)}"]`)?.getBoundingClientRect();
  editor.apply(
    opened({
      is: "rename",
      box: [at?.left ?? 60, at?.top ?? 8, Math.max(200, at?.width ?? 0), Math.max(30, at?.height ?? 0)],
      label: "Name of the document",
      value: documentOf(tab).about.title ?? tab.name,
      commit: (name) => {
        renameDocument(editor, tab.key, name);
        after?.();
      },
      ...(after && { otherwise: after }),
    }),
  );
}

/** F2: the selected node, else the document. */
export function renameSelected(editor: Editor): void {
  const [id] = editor.selection;
  if (editor.selection.size === 1 && id !== undefined) renameNode(editor, id);
  else if (editor.selection.size === 0 && editor.tab) askName(editor, editor.tab);
}

/** Its title, the name of its tab and of its file on the server are one: there it has the new one once it is saved. Its runs stay its own. */
function renameDocument(editor: Editor, key: string, wish: string): void {
  const title = wish.trim();
  const tab = editor.tabBy(key);
  if (title === "" || !tab) return;
  const name = slugOf(title) === tab.name ? tab.name : tabName(editor, title);
  const named = (tab: Tab) => {
    const now = documentOf(tab);
    const document = now.about.title === title ? now : { ...now, about: { ...now.about, title } };
    return { ...editedDocument(tab, document), name };
  };
  editor.apply(inTab(key, named));
}

/** Saves a file; a document that nobody has named is asked for its name, once. */
export function saveNamed(editor: Editor): void {
  const { tab } = editor;
  if (!tab || isNamed(tab)) saveFile(editor);
  else {
    editor.apply(inTab(tab.key, (tab) => ({ ...tab, asked: true })));
    askName(editor, tab, () => saveFile(editor));
  }
}

const isNamed = (tab: Tab): boolean =>
  tab.asked === true || !/^untitled(-\d+)?$/.test(tab.name) || documentOf(tab).about.title !== undefined;
