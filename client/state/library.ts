/** The sampler library: own entries, and copies that have become one's own. */
import { type Graph, readDocument, writeDocument } from "../../graphs/document/index.ts";
import { graphAt } from "../edit/level.ts";
import { hashOf } from "../edit/origin.ts";
import type { Editor } from "./editor.ts";
import { documentOf, type Tab } from "./tab.ts";

/** The first edit inside a copy of a library sampler is told, once. */
export function tellCopy(editor: Editor, tab: Tab): void {
  for (let depth = tab.level.length; depth > 0; depth--) {
    const path = tab.level.slice(0, depth);
    const holder = graphAt(documentOf(tab), path);
    const library = holder?.about.library;
    if (!holder || !library || tab.told.has(path.join("/")) || hashOf(holder) === library.hash) continue;
    tab.told.add(path.join("/"));
    editor.say({
      text: "This sampler is now your own copy",
      more: `“${library.name}” in the library stays as it was.`,
      action: { label: "Save to library", run: () => void saveToLibrary(editor, holder, `my ${library.name}`) },
    });
  }
}

export async function saveToLibrary(editor: Editor, graph: Graph, name: string): Promise<void> {
  const { library: _, ...about } = graph.about;
  try {
    await editor.api.saveSampler(name, writeDocument({ ...graph, about: { ...about, title: name } }));
    editor.samplers = await editor.api.samplers();
    editor.say({ text: `“${name}” is in the library` });
  } catch (error) {
    editor.say({ text: `Cannot save “${name}” to the library`, more: (error as Error).message, bad: true });
  }
}

export async function deleteSampler(editor: Editor, name: string): Promise<void> {
  const graph = readDocument(await editor.api.sampler(name));
  await editor.api.deleteSampler(name);
  editor.samplers = await editor.api.samplers();
  const undo = { label: "Undo", run: () => void saveToLibrary(editor, graph, name) };
  editor.say({ text: `“${name}” is deleted from the library`, action: undo });
}
