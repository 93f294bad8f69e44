/** The sampler library: own entries, and copies that have become one's own. */
import { freeName, type Graph, readDocument, writeDocument } from "../../graphs/document/index.ts";
import { graphAt, type Level, withGraphAt } from "../edit/level.ts";
import { hashOf, isUntouched, type LibraryEntry, originOf } from "../edit/origin.ts";
import { documentOf, type Tab } from "../state/tab.ts";
import type { Editor } from "./editor.ts";

/** The first edit inside a copy of a library sampler is told, once. */
export function tellCopy(editor: Editor, tab: Tab): void {
  for (let depth = tab.level.length; depth > 0; depth--) {
    const path = tab.level.slice(0, depth);
    const before = tab.history.past.at(-1);
    const copy = graphAt(documentOf(tab), path);
    const isFirst = before && isUntouched(graphAt(before, path)) && !isUntouched(copy);
    if (!copy?.about.library || !isFirst || tab.told.has(path.join("/"))) continue;
    tab.told.add(path.join("/"));
    editor.say({
      text: "This loop is now your own copy",
      more: `“${copy.about.library.name}” in the library stays as it was.`,
      action: { label: "Save to library", run: () => void saveCopy(editor, path) },
    });
  }
}

/** The copy of a library entry that one is in: the innermost, where they nest. */
export function copyAround(tab: Tab): Level | undefined {
  const levels = tab.level.map((_, depth) => tab.level.slice(0, depth + 1));
  return levels.findLast((level) => graphAt(documentOf(tab), level)?.about.library);
}

/** A name for an own entry that no other has. */
function entryName({ samplers }: Editor, wish: string): string {
  const base = wish.replace(/[^\p{L}\p{N} _.,()+-]/gu, "").trim() || "sampler";
  const taken = new Set(samplers.flatMap(({ name, title = name, builtIn }) => (builtIn ? [name, title] : [name])));
  const mine = samplers.some(({ name, title, builtIn }) => builtIn && (name === base || title === base))
    ? `my ${base}`
    : base;
  return freeName(mine, (name) => taken.has(name), " ");
}

/** The entry that saving a copy writes: its own one, of which this becomes the next version. */
export function entryToSave({ samplers }: Editor, copy: Graph): LibraryEntry | undefined {
  const { entry } = originOf(copy, samplers) ?? {};
  return entry && !entry.builtIn ? entry : undefined;
}

/** Saves a subgraph: as the next version of the own entry that it is a copy of, else under a new name. */
export async function saveCopy(editor: Editor, path: Level): Promise<void> {
  const { tab } = editor;
  const copy = tab && graphAt(documentOf(tab), path);
  if (!tab || !copy) return;
  const holder = graphAt(documentOf(tab), path.slice(0, -1))?.nodes.find(({ id }) => id === path.at(-1));
  const name = entryToSave(editor, copy)?.name ?? entryName(editor, holder?.title ?? copy.about.title ?? "sampler");
  try {
    await editor.api.saveSampler(name, writeDocument({ ...copy, about: { ...copy.about, title: name } }));
    editor.samplers = await editor.api.samplers();
  } catch (error) {
    refused(editor, `Cannot save “${name}” to the library`, error);
    return;
  }
  const { version = 1, hash = hashOf(copy) } = editor.samplers.find((one) => one.name === name) ?? {};
  stamp(editor, tab, path, { name, version, hash });
  editor.say({
    text: `“${name}” is in the library`,
    ...(version > 1 && { more: `It is version ${version} now.` }),
    ...(version === 1 && { action: { label: "Rename", run: () => startRename(editor, name) } }),
  });
}

/** Where a copy came from is told in the document; that is no edit, so it makes no undo step. */
function stamp(editor: Editor, tab: Tab, path: Level, library: NonNullable<Graph["about"]["library"]>): void {
  const copy = graphAt(documentOf(tab), path);
  if (!copy) return;
  const stamped = { ...copy, about: { ...copy.about, library } };
  tab.history = { ...tab.history, present: withGraphAt(documentOf(tab), path, stamped, editor.catalogue) };
  editor.changed("document");
}

/** Entries that were read, by name and content. */
const read = new Map<string, Graph | "reading">();

/** The entry of the library as it is now; undefined while it is being read, which is told when it is. */
export function entryGraph(editor: Editor, { name, hash }: LibraryEntry): Graph | undefined {
  const key = `${name} ${hash}`;
  const known = read.get(key);
  if (known === undefined) {
    read.set(key, "reading");
    editor.api
      .sampler(name)
      .then(readDocument)
      .then(
        (graph) => {
          read.set(key, graph);
          editor.changed();
        },
        () => read.delete(key),
      );
  }
  return known === "reading" ? undefined : known;
}

/** The copy becomes what the library has, in one step that undo takes back; wires and values of the node stay. */
export async function updateCopy(editor: Editor, path: Level): Promise<void> {
  const { tab } = editor;
  const copy = tab && graphAt(documentOf(tab), path);
  const { entry } = originOf(copy, editor.samplers) ?? {};
  if (!tab || !entry) return;
  try {
    const graph = readDocument(await editor.api.sampler(entry.name));
    if (editor.tab !== tab) return; // One looks at another document by now.
    const library = { name: entry.name, version: entry.version ?? 1, hash: hashOf(graph) };
    const fresh = { ...graph, about: { ...graph.about, library } };
    for (const level of [...tab.views.keys()])
      if (level === path.join("/") || level.startsWith(`${path.join("/")}/`)) tab.views.delete(level);
    editor.editDocument((document) => withGraphAt(document, path, fresh, editor.catalogue));
    editor.changed("view");
    editor.say({ text: `“${entry.name}” is the library's again`, action: { label: "Undo", run: () => editor.undo() } });
  } catch (error) {
    refused(editor, `Cannot read “${entry.name}” from the library`, error);
  }
}

export function startRename(editor: Editor, name: string): void {
  editor.left = "library";
  editor.renaming = name;
  editor.changed();
}

export async function renameSampler(editor: Editor, name: string, to: string): Promise<void> {
  editor.renaming = undefined;
  editor.changed();
  if (to === "" || to === name) return;
  try {
    await editor.api.renameSampler(name, to);
    editor.samplers = await editor.api.samplers();
    editor.changed("document");
  } catch (error) {
    refused(editor, `“${name}” keeps its name`, error);
  }
}

export async function duplicateSampler(editor: Editor, entry: LibraryEntry): Promise<void> {
  const name = entryName(editor, entry.builtIn ? (entry.title ?? entry.name) : `${entry.name} copy`);
  try {
    const graph = readDocument(await editor.api.sampler(entry.name));
    await editor.api.saveSampler(name, writeDocument({ ...graph, about: { ...graph.about, title: name } }));
    editor.samplers = await editor.api.samplers();
    startRename(editor, name);
  } catch (error) {
    refused(editor, `Cannot duplicate “${entry.name}”`, error);
  }
}

export async function deleteSampler(editor: Editor, name: string): Promise<void> {
  try {
    const document = (await editor.api.sampler(name)) as object;
    await editor.api.deleteSampler(name);
    editor.samplers = await editor.api.samplers();
    editor.changed("document");
    const restore = async () => {
      await editor.api.saveSampler(name, document);
      editor.samplers = await editor.api.samplers();
      editor.changed("document");
    };
    editor.say({
      text: `“${name}” is deleted from the library`,
      more: "Copies in documents stay.",
      action: {
        label: "Undo",
        run: () => void restore().catch((error) => refused(editor, `Cannot bring “${name}” back`, error)),
      },
    });
  } catch (error) {
    refused(editor, `Cannot delete “${name}”`, error);
  }
}

const refused = (editor: Editor, text: string, error: unknown): void =>
  editor.say({ text, more: (error as Error).message, bad: true });
