/** Nodes that come later than they were asked for: what they load is copied first, and one looks elsewhere meanwhile. */
import { newNode } from "../../graphs/document/index.ts";
import { pointOnGrid } from "../edit/arrange-marks.ts";
import type { Point } from "../edit/graph.ts";
import { nextId } from "../edit/graph.ts";
import { insertNode } from "../edit/insert.ts";
import { graphAt, type Level, withGraphAt } from "../edit/level.ts";
import { documentOf, editedDocument } from "../state/tab.ts";
import { inTab } from "../state/tabs.ts";
import type { Editor } from "./editor.ts";
import { placeNode } from "./placing.ts";

export interface NodePlace {
  readonly tab: string;
  readonly level: Level;
  readonly at: Point;
}

/** On the level one looks at; undefined where no document is open. */
export const placeHere = ({ tab, canvas }: Editor, at?: Point): NodePlace | undefined =>
  tab && { tab: tab.key, level: tab.level, at: at ?? canvas?.centre ?? [0, 0] };

/** In the document for which it was asked, wherever one looks by now. False: its place is gone. */
export function placeLater(editor: Editor, type: string, { tab: key, level, at }: NodePlace, file: string): boolean {
  const { catalogue } = editor;
  const tab = editor.tabBy(key);
  const graph = tab && graphAt(documentOf(tab), level);
  if (!graph) return false;
  if (tab === editor.tab && String(tab.level) === String(level)) {
    placeNode(editor, type, at, undefined, undefined, { file });
    return true;
  }
  const node = newNode({ id: nextId(graph), type, pos: pointOnGrid(at), set: { file } }, catalogue.definitions);
  const { graph: next } = insertNode(graph, catalogue, node);
  editor.apply(inTab(key, (tab) => editedDocument(tab, withGraphAt(documentOf(tab), level, next, catalogue))));
  return true;
}
