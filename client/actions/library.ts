/** The sampler library: own entries, and copies that have become one's own. */
import { freeName, type Graph, ownName, readDocument, writeDocument } from "../../graphs/document/index.ts";
import type { DocumentSummary } from "../../server/protocol.ts";
import { withAbout } from "../edit/graph.ts";
import { graphAt, holderOf, type Level, withGraphAt } from "../edit/level.ts";
import { hashOf, type LibraryEntry, originOf, withOrigin } from "../edit/origin.ts";
import { withoutViews } from "../state/looking.ts";
import { put, type State } from "../state/state.ts";
import { documentOf, stamped, type Tab } from "../state/tab.ts";
import { arrived, inActive, inTab, tabBy } from "../state/tabs.ts";
import type { Editor } from "./editor.ts";
import { sendFree } from "./listing-uploads.ts";

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

/** A name for an own entry that no other has, nor any of these. */
function entryName({ samplers }: State, wish: string, refused: ReadonlySet<string> = new Set()): string {
  const base = wish.replace(/[^\p{L}\p{N} _.,()+-]/gu, "").trim() || "sampler";
  const taken = new Set(samplers.flatMap(({ name, title = name, builtIn }) => (builtIn ? [name, title] : [name])));
  const mine = samplers.some(({ name, title, builtIn }) => builtIn && (name === base || title === base))
    ? ownName(base, " ")
    : base;
  return freeName(mine, (name) => taken.has(name) || refused.has(name), " ");
}

/** The entry that saving a copy writes: its own one, of which this becomes the next version. */
export function entryToSave({ samplers }: State, copy: Graph): DocumentSummary | undefined {
  const { entry } = originOf(copy, samplers) ?? {};
  return samplers.find((one) => one === entry && !one.builtIn);
}

/** What was saved, where, and whether beside what another browser has made of the entry. */
interface SavedEntry {
  readonly name: string;
  readonly etag: string;
  readonly beside?: string;
}

/** Over what is known here of the entry, which another browser may have changed since: then beside it. */
async function saveOver(editor: Editor, { name, etag }: DocumentSummary, copy: Graph): Promise<SavedEntry> {
  const save = (over: string) => editor.api.saveSampler(name, named(copy, name), over);
  try {
    return { name, etag: await save(etag) };
  } catch (error) {
    const { status } = error as { status?: number };
    if (status !== 412) throw error;
    await loadSamplers(editor);
    const now = editor.state.samplers.find((one) => one.name === name);
    // It is as was asked for, and was refused: something on the way changes tags.
    if (now?.etag === etag) return { name, etag: await save("*") };
    return { ...(await saveNew(editor, name, copy)), ...(now && { beside: name }) };
  }
}

async function saveNew(editor: Editor, wish: string, copy: Graph): Promise<SavedEntry> {
  let etag = "";
  const name = await sendFree(
    (refused) => entryName(editor.state, wish, refused),
    412,
    async (name) => {
      etag = await editor.api.saveSampler(name, named(copy, name), undefined);
    },
  );
  return { name, etag };
}

const named = (graph: Graph, name: string): object => writeDocument(withAbout(graph, "title", name));

/** Saves a subgraph: as the next version of the own entry that it is a copy of, else under a new name. */
export async function saveCopy(editor: Editor, path: Level): Promise<void> {
  const { tab } = editor;
  const copy = tab && graphAt(documentOf(tab), path);
  if (!tab || !copy) return;
  const holder = holderOf(documentOf(tab), path);
  const own = entryToSave(editor.state, copy);
  const wish = own?.name ?? holder?.title ?? copy.about.title ?? "sampler";
  let saved: SavedEntry;
  try {
    saved = await (own ? saveOver(editor, own, copy) : saveNew(editor, wish, copy));
    await loadSamplers(editor);
  } catch (error) {
    refused(editor, `Cannot save “${wish}” to the library`, error);
    return;
  }
  const { name, etag, beside } = saved;
  const listed = editor.state.samplers.find((one) => one.name === name);
  // Another browser may have written over it already; a tag that was lost on the way says nothing.
  const isAsSaved = etag === "*" || listed?.etag === etag;
  const version = (isAsSaved ? listed?.version : undefined) ?? (own?.name === name ? (own.version ?? 1) + 1 : 1);
  const library = { name, version, hash: hashOf(copy) };
  editor.apply(inTab(tab.key, (tab) => stamped(tab, path, library, editor.catalogue)));
  if (beside !== undefined)
    editor.say(
      {
        text: `“${beside}” was changed in another browser`,
        more: `There it stays; yours is kept as “${name}”.`,
        action: { label: "Rename", run: () => startRename(editor, name) },
      },
      12_000,
    );
  else
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
  try {
    const graph = readDocument(await editor.api.sampler(entry.name));
    const wish = entry.builtIn ? (entry.title ?? entry.name) : `${entry.name} copy`;
    const { name } = await saveNew(editor, wish, graph);
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
      await editor.api.saveSampler(name, document, undefined);
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
