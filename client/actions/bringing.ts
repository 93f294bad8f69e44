/**
 * Files that somebody brings, by a drop or from a list. Models go to the server, asking for what they lack; pictures and
 * arrays go to the node they were dropped on, a picture on the empty canvas to a new one; graphs open.
 */
import { foreignKeywords, freeFileName, noGraphInPicture, own } from "../../graphs/document/index.ts";
import type { FileKind } from "../../nodes/file-kinds.ts";
import { graphKeyword, isPng, keywordsOf } from "../../runtime/codecs/index.ts";
import { capital } from "../edit/fit.ts";
import { nodeOf, type Point, setProperty } from "../edit/graph.ts";
import { graphAt, type Level, titleOf, withGraphAt } from "../edit/level.ts";
import { listedFiles } from "../state/listed-files.ts";
import { put } from "../state/state.ts";
import { documentOf, editedDocument } from "../state/tab.ts";
import { inTab } from "../state/tabs.ts";
import { addModel, tellModel } from "./adding-models.ts";
import { type Brought, type BroughtFile, broughtWords, paired, sorted } from "./brought.ts";
import { openDocument } from "./documents.ts";
import type { Editor } from "./editor.ts";
import { placeNode } from "./placing.ts";
import { readFile } from "./sharing.ts";

/** Where files were dropped: on a node that loads one, or on a place of the canvas. */
export interface Dropped {
  readonly node?: number;
  readonly at?: Point;
}

/** What a parameter that names a file of a kind takes. */
const takes: Readonly<Record<FileKind, { readonly what: string; readonly is: readonly Brought[] }>> = {
  model: { what: "a model", is: ["model"] },
  image: { what: "a picture or an NPZ of pictures", is: ["picture", "samples"] },
  tensor: { what: "an NPY or NPZ", is: ["array", "samples"] },
};

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
function filePlaceOf(editor: Editor, id: number): FilePlace | undefined {
  const { tab, catalogue } = editor;
  const node = nodeOf(editor.graph, id);
  const port = node && catalogue.byType.get(node.type)?.inputs.find(({ parameter }) => parameter?.file);
  const [name, kind] = [port?.name, port?.parameter?.file];
  if (!tab || !node || name === undefined || kind === undefined || node.inputs.some((slot) => slot.name === name))
    return undefined;
  return { tab: tab.key, level: tab.level, node: id, name, kind, title: titleOf(node, catalogue) };
}

/** The file that a node names and the server has not; "" where it names none. Undefined where nothing is missing. */
export function missingFile(editor: Editor, id: number): string | undefined {
  const place = filePlaceOf(editor, id);
  if (!place) return undefined;
  const file = String(own(nodeOf(editor.graph, id)?.properties, place.name) ?? "");
  return listedFiles(editor.state)[place.kind].some((one) => one.id === file) ? undefined : file;
}

export async function bring(editor: Editor, files: readonly File[], { node, at }: Dropped = {}): Promise<void> {
  const place = node === undefined ? undefined : filePlaceOf(editor, node);
  const all = await Promise.all(files.map(sorted));
  for (const { file, refused } of all) if (refused !== undefined) sayRefused(editor, file, `${capital(refused)}.`);
  const { models, rest } = paired(all.filter(({ refused }) => refused === undefined));
  let isFree = true;
  /** The first that fits is chosen; others are only brought. */
  const chosen = () => {
    const here = isFree ? place : undefined;
    isFree = false;
    return here;
  };
  for (const { file, card } of models)
    await attempt(editor, file, async () => {
      expectTaken(place, { file, is: "model" });
      const model = await addModel(editor, file, card);
      const here = model && chosen();
      if (model && here) choose(editor, here, model.id);
      else if (model) tellModel(editor, model);
    });
  for (const one of rest)
    await attempt(editor, one.file, async () => {
      if (one.is === "card")
        throw new Error("It is JSON without nodes, so no graph. A model’s card is dropped together with its model.");
      const isShown = place !== undefined || (at !== undefined && editor.tab !== undefined && !(await hasGraph(one)));
      if (one.is === "graph" || !isShown) await openGraphFile(editor, one);
      else await bringValues(editor, one, { here: chosen(), wanted: place, at: node === undefined ? at : undefined });
    });
}

async function attempt(editor: Editor, file: File, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const [first, ...rest] = (error as Error).message.split("\n");
    sayRefused(editor, file, rest.length > 0 ? `${first} … and ${rest.length} more` : first);
  }
}

const sayRefused = (editor: Editor, { name }: File, more: string): void =>
  editor.say({ text: `“${name}” is not opened`, more, bad: true });

function expectTaken(place: FilePlace | undefined, { is }: BroughtFile): void {
  if (place && !takes[place.kind].is.includes(is))
    throw new Error(`${place.title} takes ${takes[place.kind].what}, and this is ${broughtWords[is]}.`);
}

async function openGraphFile(editor: Editor, { file, is }: BroughtFile): Promise<void> {
  if (is === "array" || is === "samples") throw new Error("It is an array: drop it on a graph, where a node loads it.");
  const { document, notes } = await readFile(file);
  openDocument(editor, document, file.name.replace(/\.(json|png)$/i, ""), notes);
}

/** Whether a picture opens as the graph that it carries. */
const hasGraph = async (brought: BroughtFile): Promise<boolean> => (await keywordsIn(brought)).includes(graphKeyword);

/** Of the texts in a picture. */
async function keywordsIn({ file, is }: BroughtFile): Promise<readonly string[]> {
  if (is !== "picture") return [];
  const bytes = new Uint8Array(await file.arrayBuffer());
  return isPng(bytes) ? keywordsOf(bytes) : [];
}

/** `here`: the node that takes it; `wanted`: that on which it was dropped with others. */
async function bringValues(
  editor: Editor,
  brought: BroughtFile,
  { here, wanted, at }: Readonly<Record<"here" | "wanted", FilePlace | undefined>> & { readonly at: Point | undefined },
): Promise<void> {
  expectTaken(wanted, brought);
  const kind = wanted?.kind === "tensor" || (wanted === undefined && brought.is === "array") ? "tensor" : "image";
  const id = await upload(editor, brought.file, kind);
  if (here) choose(editor, here, id);
  else if (wanted === undefined) placeNode(editor, `guidegraph/load-${kind}`, at, undefined, undefined, { file: id });
  else editor.say({ text: `${id} is on the server now` });
  const foreign = (await keywordsIn(brought)).filter((keyword) => foreignKeywords.includes(keyword));
  if (foreign.length > 0)
    editor.say({ text: `${id} is loaded as a picture`, more: `${capital(noGraphInPicture(foreign))}.` });
  if (id !== brought.file.name)
    editor.say({ text: `It is called ${id} here`, more: `There is another file ${brought.file.name} already.` });
}

/** Gives its id. What is there already under this name, and is another, stays: then this one gets a name that is free. */
async function upload(editor: Editor, file: File, kind: Exclude<FileKind, "model">): Promise<string> {
  const { api, state } = editor;
  const send = { image: api.uploadImage, tensor: api.uploadTensor }[kind];
  const taken = new Set([...state.images, ...state.tensors].map(({ id }) => id));
  const [, stem, ending = ""] = /^(.*?)(\.[^.]*)?$/s.exec(file.name) ?? [];
  let name = file.name;
  try {
    await send(file, name);
  } catch (error) {
    if ((error as { status?: number }).status !== 409) throw error;
    name = freeFileName(stem, ending, (one) => taken.has(one));
    await send(file, name);
  }
  editor.apply(put({ images: await api.images(), tensors: await api.tensors() }));
  void editor.surveys?.refresh();
  return name;
}

/** In the document in which it was dropped, wherever one looks by now. */
function choose(editor: Editor, { tab, level, node, name, title }: FilePlace, id: string): void {
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

/** As if they had been dropped there. */
export function pickFiles(editor: Editor, dropped?: Dropped): void {
  const input = Object.assign(document.createElement("input"), { type: "file", multiple: true });
  input.onchange = () => void bring(editor, [...(input.files ?? [])], dropped);
  input.click();
}
