/**
 * Files that somebody brings, by a drop or from a list. Models go to the server, asking for what they lack; pictures and
 * arrays go to the node they were dropped on, a picture on the empty canvas to a new one; graphs open.
 */
import { foreignKeywords, freeFileName, noGraphInPicture } from "../../graphs/document/index.ts";
import type { FileKind } from "../../nodes/file-kinds.ts";
import { headBytes } from "../../onnx/other-files.ts";
import { graphKeyword, isPng, keywordsOf } from "../../runtime/codecs/index.ts";
import { capital } from "../edit/fit.ts";
import type { Point } from "../edit/graph.ts";
import { addModel, tellLoaded, tellModel } from "./adding-models.ts";
import { bringBatch } from "./bringing-batch.ts";
import { type Brought, type BroughtFile, broughtWords, paired, sorted } from "./brought.ts";
import { openDocument } from "./documents.ts";
import type { Editor } from "./editor.ts";
import { choose, type FilePlace, filePlaceOf } from "./file-place.ts";
import { listUploads, sendFree } from "./listing-uploads.ts";
import { type NodePlace, placeHere, placeLater } from "./placing-later.ts";
import { Refusals } from "./refusals.ts";
import { readFile } from "./sharing.ts";

/** Where files were dropped: on a node that loads one, or on a place of the canvas; and the folder that they were dropped as. */
export interface Dropped {
  readonly node?: number;
  readonly at?: Point;
  readonly folder?: string;
}

/** What a parameter that names a file of a kind takes. */
const takes: Readonly<Record<FileKind, { readonly what: string; readonly is: readonly Brought[] }>> = {
  model: { what: "a model", is: ["model"] },
  image: { what: "a picture or an NPZ of pictures", is: ["picture", "samples"] },
  tensor: { what: "an NPY or NPZ", is: ["array", "samples"] },
};

export async function bring(editor: Editor, files: readonly File[], dropped: Dropped = {}): Promise<void> {
  const { node } = dropped;
  const asked = editor.ask();
  const place = node === undefined ? undefined : filePlaceOf(editor, node);
  const at = dropped.at && placeHere(editor, dropped.at);
  await editor.begun;
  // One after the other: a folder may have thousands.
  const all: BroughtFile[] = [];
  for (const file of files) all.push(await sorted(file));
  const refusals = new Refusals(editor);
  const attempt = (file: File, act: () => Promise<void>) =>
    act().catch((error: Error) => refusals.add(file.name, error.message));
  for (const { file, refused } of all) if (refused !== undefined) refusals.add(file.name, `${capital(refused)}.`);
  refusals.tell();
  const { models, rest } = paired(all.filter(({ refused }) => refused === undefined));
  let isFree = true;
  /** The first that fits is chosen; others are only brought. */
  const chosen = () => {
    const here = isFree ? place : undefined;
    isFree = false;
    return here;
  };
  for (const { file, card } of models)
    await attempt(file, async () => {
      expectTaken(place, { file, is: "model" });
      const added = await addModel(editor, file, card);
      const here = added && chosen();
      if (added && here) {
        choose(editor, here, added.model.id);
        tellLoaded(editor, added);
      } else if (added) tellModel(editor, added);
    });
  const together = await batchIn(rest, place, at !== undefined);
  if (together.length > 0)
    await bringBatch(
      editor,
      together.map(({ file }) => file),
      {
        ...(dropped.folder !== undefined && { folder: dropped.folder }),
        place: chosen(),
        at,
        refused: (file, error) => refusals.add(file.name, error.message),
      },
    );
  for (const one of rest.filter((one) => !together.includes(one)))
    await attempt(one.file, async () => {
      if (one.is === "card")
        throw new Error("It is JSON without nodes, so no graph. A model’s card is dropped together with its model.");
      const isShown = place !== undefined || (at !== undefined && !(await hasGraph(one)));
      if (one.is === "graph" || !isShown) await openGraphFile(editor, one, asked);
      else await bringValues(editor, one, { here: chosen(), wanted: place, at });
    });
  refusals.tell();
}

/** Several pictures that come together are one batch, where they are shown and do not open as graphs. */
async function batchIn(
  brought: readonly BroughtFile[],
  place: FilePlace | undefined,
  isOnCanvas: boolean,
): Promise<readonly BroughtFile[]> {
  const pictures = brought.filter(({ is }) => is === "picture");
  if (pictures.length < 2 || (place ? place.kind !== "image" : !isOnCanvas)) return [];
  const shown: BroughtFile[] = [];
  // What cannot be read is refused by its name when it is copied.
  for (const one of pictures) if (place || !(await hasGraph(one).catch(() => false))) shown.push(one);
  return shown.length < 2 ? [] : shown;
}

function expectTaken(place: FilePlace | undefined, { is }: BroughtFile): void {
  if (place && !takes[place.kind].is.includes(is))
    throw new Error(`${place.title} takes ${takes[place.kind].what}, and this is ${broughtWords[is]}.`);
}

async function openGraphFile(editor: Editor, { file, is }: BroughtFile, asked: number): Promise<void> {
  if (is === "array" || is === "samples") throw new Error("It is an array: drop it on a graph, where a node loads it.");
  const { document, notes } = await readFile(file);
  openDocument(editor, document, { name: file.name.replace(/\.(json|png)$/i, ""), notes, asked });
}

/** Whether a picture opens as the graph that it carries. */
const hasGraph = async (brought: BroughtFile): Promise<boolean> => (await keywordsIn(brought)).includes(graphKeyword);

/** Of the texts in a picture. */
async function keywordsIn({ file, is }: BroughtFile): Promise<readonly string[]> {
  if (is !== "picture") return [];
  const head = await file.slice(0, headBytes).arrayBuffer();
  return isPng(new Uint8Array(head)) ? keywordsOf(new Uint8Array(await file.arrayBuffer())) : [];
}

/** `here`: the node that takes it; `wanted`: that on which it was dropped with others. */
async function bringValues(
  editor: Editor,
  brought: BroughtFile,
  {
    here,
    wanted,
    at,
  }: Readonly<Record<"here" | "wanted", FilePlace | undefined>> & { readonly at: NodePlace | undefined },
): Promise<void> {
  expectTaken(wanted, brought);
  const kind = wanted?.kind === "tensor" || (wanted === undefined && brought.is === "array") ? "tensor" : "image";
  const id = await upload(editor, brought.file, kind);
  if (here) choose(editor, here, id);
  else if (wanted !== undefined || at === undefined || !placeLater(editor, `guidegraph/load-${kind}`, at, id))
    editor.say({ text: `${id} is on the server now` });
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
  const free = (refused: ReadonlySet<string>) =>
    refused.size === 0 ? file.name : freeFileName(stem, ending, (one) => taken.has(one) || refused.has(one));
  const name = await sendFree(free, 409, (name) => send(file, name));
  await listUploads(editor, [name], `${kind}s`);
  return name;
}

/** Says what no file is to blame for. */
async function bringPicked(editor: Editor, files: readonly File[], dropped?: Dropped): Promise<void> {
  try {
    await bring(editor, files, dropped);
  } catch (error) {
    editor.say({ text: "Not all of these files could be opened", more: (error as Error).message, bad: true });
  }
}

/** As if they had been dropped there. */
export function pickFiles(editor: Editor, dropped?: Dropped): void {
  const input = Object.assign(document.createElement("input"), { type: "file", multiple: true });
  input.onchange = () => void bringPicked(editor, [...(input.files ?? [])], dropped);
  input.click();
}
