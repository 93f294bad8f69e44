/** The parameter of a node that names a file, wherever that node is, and what becomes of it when a file is chosen. */
import { own } from "../../graphs/document/index.ts";
import type { FileKind } from "../../nodes/file-kinds.ts";
import { nodeOf, setProperty } from "../edit/graph.ts";
import { graphAt, type Level, titleOf, withGraphAt } from "../edit/level.ts";
import { listedFiles } from "../state/listed-files.ts";
import { documentOf, editedDocument } from "../state/tab.ts";
import { inTab } from "../state/tabs.ts";
import type { Editor } from "./editor.ts";

/** A parameter of a node that names a file. */
export interface FilePlace {
  readonly tab: string;
  readonly level: Level;
  readonly node: number;
  readonly name: string;
  readonly kind: FileKind;
  readonly title: string;
}

/** Of a node on the level one looks at; undefined where it names no file. */
export function filePlaceOf(editor: Editor, id: number): FilePlace | undefined {
  const { tab, catalogue } = editor;
  const node = nodeOf(editor.graph, id);
  const port = node && catalogue.byType.get(node.type)?.inputs.find(({ parameter }) => parameter?.file);
  const [name, kind] = [port?.name, port?.parameter?.file];
  if (!tab || !node || name === undefined || kind === undefined || node.inputs.some((slot) => slot.name === name))
    return undefined;
  return { tab: tab.key, level: tab.level, node: id, name, kind, title: titleOf(node, catalogue) };
}

/**
 * The file that a node names and the server has not; "" where it names none. Undefined where nothing is missing, or not known to
 * be: files of every kind come with the program, so a list without any could not be asked for.
 */
export function missingFile(editor: Editor, id: number): string | undefined {
  const place = filePlaceOf(editor, id);
  if (!place) return undefined;
  const file = String(own(nodeOf(editor.graph, id)?.properties, place.name) ?? "");
  const listed = listedFiles(editor.state)[place.kind];
  return listed.length === 0 || listed.some((one) => one.id === file) ? undefined : file;
}

/** In the document in which it was dropped, wherever one looks by now. */
export function choose(editor: Editor, { tab, level, node, name, title }: FilePlace, id: string): void {
  const { catalogue } = editor;
  editor.apply(
    inTab(tab, (now) => {
      const document = documentOf(now);
      const graph = graphAt(document, level);
      if (!graph || !nodeOf(graph, node)) return now;
      return editedDocument(
        now,
        withGraphAt(document, level, setProperty(graph, node, name, id, catalogue), catalogue),
      );
    }),
  );
  editor.say({ text: `${title} loads ${id} now` });
}
