/** The sampler library: own entries, and copies that have become one's own. */
import { freeName, type Graph, readDocument, writeDocument } from "../../graphs/document/index.ts";
import { withAbout } from "../edit/graph.ts";
import { graphAt, type Level, withGraphAt } from "../edit/level.ts";
import { hashOf, type LibraryEntry, originOf, withOrigin } from "../edit/origin.ts";
import { withoutViews } from "../state/looking.ts";
import { put, type State } from "../state/state.ts";
import { documentOf, stamped, type Tab } from "../state/tab.ts";
import { arrived, inActive, inTab, tabBy } from "../state/tabs.ts";
import type { Editor } from "./editor.ts";

/** The first edit inside a copy of a library sampler is told, once. */
export function tellCopies(editor: Editor): void {
  editor.listen((_, before) => {
    const { tab } = editor;
    const known = tab && tabBy(before, tab.key)?.own;
    if (!tab || !known || tab.own === known) return;
    // The outermost, where several became one's own at once.
    const [path] = [...tab.own].filter((one) => !known.has(one));
    const level = path.split("/").map(Number);
    editor.say({
      text: "This loop is now your own copy",
      more: `“${graphAt(documentOf(tab), level)?.about.library?.name}” in the library stays as it was.`,
      action: { label: "Save to library", run: () => void saveCopy(editor, level) },
    });
  });
}

/** The copy of a library entry that one is in: the innermost, where they nest. */
export function copyAround(tab: Tab): Level | undefined {
  const levels = tab.level.map((_, depth) => tab.level.slice(0, depth + 1));
  return levels.findLast((level) => graphAt(documentOf(tab), level)?.about.library);
}

/** A name for an own entry that no other has. */
function entryName({ samplers }: State, wish: string): string {
  const base = wish.replace(/[^\p{L}\p{N} _.,()+-]/gu, "").trim() || "sampler";
  const taken = new Set(samplers.flatMap(({ name, title = name, builtIn }) => (builtIn ? [name, title] : [name])));
  const mine = samplers.some(({ name, title, builtIn }) => builtIn && (name === base || title === base))
    ? `my ${base}`
    : base;
  return freeName(mine, (name) => taken.has(name), " ");
}

/** The entry that saving a copy writes: its own one, of which this becomes the next version. */
export function entryToSave({ samplers }: State, copy: Graph): LibraryEntry | undefined {
  const { entry } = originOf(copy, samplers) ?? {};
  return entry && !entry.builtIn ? entry : undefined;
}

/** Saves a subgraph: as the next version of the own entry that it is a copy of, else under a new name. */
export async function saveCopy(editor: Editor, path: Level): Promise<void> {
  const { tab } = editor;
  const copy = tab && graphAt(documentOf(tab), path);
  if (!tab || !copy) return;
  const holder = graphAt(documentOf(tab), path.slice(0, -1))?.nodes.find(({ id }) => id === path.at(-1));
  const own = entryToSave(editor.state, copy)?.name;
  const name = own ?? entryName(editor.state, holder?.title ?? copy.about.title ?? "sampler");
  const named = writeDocument(withAbout(copy, "title", name));
  try {
    await (own ? editor.api.saveSampler(name, named) : editor.api.addSampler(name, named));
    await loadSamplers(editor);
  } catch (error) {
    refused(editor, `Cannot save “${name}” to the library`, error);
    return;
  }
  const { version = 1, hash = hashOf(copy) } = editor.state.samplers.find((one) => one.name === name) ?? {};
  editor.apply(inTab(tab.key, (tab) => stamped(tab, path, { name, version, hash }, editor.catalogue)));
  editor.say({
    text: `“${name}” is in the library`,
    ...(version > 1 && { more: `It is version ${version} now.` }),
    ...(version === 1 && { action: { label: "Rename", run: () => startRename(editor, name) } }),
  });
}

const loadSamplers = async (editor: Editor): Promise<void> =>
  editor.apply(put({ samplers: await editor.api.samplers() }));

const retryMs = 5_000;

/** The entry of the library as it is now; undefined while it is being read. */
export function entryGraph(editor: Editor, { name, hash }: LibraryEntry): Graph | undefined {
  const key = `${name} ${hash}`;
  const known = editor.state.entries.get(key);
  if (known === undefined) void readEntry(editor, name, key);
  return known === "reading" ? undefined : known;
}

async function readEntry(editor: Editor, name: string, key: string): Promise<void> {
  const know = (entry: Graph | "reading" | undefined) =>
    editor.apply((state) => {
      const others = [...state.entries].filter(([one]) => one !== key);
      return { ...state, entries: new Map(entry ? [...others, [key, entry]] : others) };
    });
  know("reading");
  const entry = await editor.api
    .sampler(name)
    .then(readDocument)
    .catch(() => undefined);
  // Whatever is drawn asks for it again: what cannot be read is left alone for a while.
  if (!entry) await new Promise((resolve) => setTimeout(resolve, retryMs));
  know(entry);
}

/** The copy becomes what the library has, in one step that undo takes back; wires and values of the node stay. */
export async function updateCopy(editor: Editor, path: Level): Promise<void> {
  const { tab } = editor;
  const copy = tab && graphAt(documentOf(tab), path);
  const { entry } = originOf(copy, editor.state.samplers) ?? {};
  if (!tab || !entry) return;
  try {
    const graph = readDocument(await editor.api.sampler(entry.name));
    if (editor.tab?.key !== tab.key) return; // One looks at another document by now.
    const fresh = withOrigin(graph, { name: entry.name, version: entry.version ?? 1, hash: hashOf(graph) });
    editor.editDocument((document) => withGraphAt(document, path, fresh, editor.catalogue));
    editor.apply(
      inActive((tab) => withoutViews(tab, path)),
      arrived,
    );
    editor.say({ text: `“${entry.name}” is the library's again`, action: { label: "Undo", run: () => editor.undo() } });
  } catch (error) {
    refused(editor, `Cannot read “${entry.name}” from the library`, error);
  }
}

export function startRename(editor: Editor, name: string): void {
  editor.apply(put({ left: "library", renaming: name }));
}

export async function renameSampler(editor: Editor, name: string, to: string): Promise<void> {
  editor.apply(put({ renaming: undefined }));
  if (to === "" || to === name) return;
  try {
    await editor.api.renameSampler(name, to);
    await loadSamplers(editor);
  } catch (error) {
    refused(editor, `“${name}” keeps its name`, error);
  }
}

export async function duplicateSampler(editor: Editor, entry: LibraryEntry): Promise<void> {
  const name = entryName(editor.state, entry.builtIn ? (entry.title ?? entry.name) : `${entry.name} copy`);
  try {
    const graph = readDocument(await editor.api.sampler(entry.name));
    await editor.api.addSampler(name, writeDocument(withAbout(graph, "title", name)));
    await loadSamplers(editor);
    startRename(editor, name);
  } catch (error) {
    refused(editor, `Cannot duplicate “${entry.name}”`, error);
  }
}

export async function deleteSampler(editor: Editor, name: string): Promise<void> {
  try {
    const document = (await editor.api.sampler(name)) as object;
    await editor.api.deleteSampler(name);
    await loadSamplers(editor);
    const restore = async () => {
      await editor.api.saveSampler(name, document);
      await loadSamplers(editor);
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
