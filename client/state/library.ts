/** Own entries of the sampler library. */
import { type Graph, readDocument, writeDocument } from "../../graphs/document/index.ts";
import type { Editor } from "./editor.ts";

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
