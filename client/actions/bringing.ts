/**
 * Files that somebody brings, by a drop or from a list. Models go to the server, asking for what they lack; pictures and
 * arrays go to the node they were dropped on, a picture on the empty canvas to a new one; graphs open.
 */
import { foreignKeywords, freeFileName, noGraphInPicture } from "../../graphs/document/index.ts";
import type { FileKind } from "../../nodes/file-kinds.ts";
import { graphKeyword, isPng, keywordsOf } from "../../runtime/codecs/index.ts";
import { capital } from "../edit/fit.ts";
import type { Point } from "../edit/graph.ts";
import { put } from "../state/state.ts";
import { addModel, tellModel } from "./adding-models.ts";
import { bringBatch } from "./bringing-batch.ts";
import { type Brought, type BroughtFile, broughtWords, paired, sorted } from "./brought.ts";
import { openDocument } from "./documents.ts";
import type { Editor } from "./editor.ts";
import { choose, type FilePlace, filePlaceOf } from "./file-place.ts";
import { placeNode } from "./placing.ts";
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
  const { node, at } = dropped;
  const place = node === undefined ? undefined : filePlaceOf(editor, node);
  const all = await Promise.all(files.map(sorted));
  const refusals: Refusal[] = [];
  const attempt = (file: File, act: () => Promise<void>) =>
    act().catch((error: Error) => void refusals.push(refusalOf(file, error)));
  for (const { file, refused } of all)
    if (refused !== undefined) refusals.push({ name: file.name, why: `${capital(refused)}.` });
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
      const model = await addModel(editor, file, card);
      const here = model && chosen();
      if (model && here) choose(editor, here, model.id);
      else if (model) tellModel(editor, model);
    });
  const together = await batchIn(rest, place, at !== undefined && editor.tab !== undefined);
  if (together.length > 0) {
    const here = chosen();
    await bringBatch(
      editor,
      together.map(({ file }) => file),
      {
        ...dropped,
        ...(here && { place: here }),
        refused: (file, error) => refusals.push(refusalOf(file, error)),
      },
    );
  }
  for (const one of rest.filter((one) => !together.includes(one)))
    await attempt(one.file, async () => {
      if (one.is === "card")
        throw new Error("It is JSON without nodes, so no graph. A model’s card is dropped together with its model.");
      const isShown = place !== undefined || (at !== undefined && editor.tab !== undefined && !(await hasGraph(one)));
      if (one.is === "graph" || !isShown) await openGraphFile(editor, one);
      else await bringValues(editor, one, { here: chosen(), wanted: place, at: node === undefined ? at : undefined });
    });
  tellRefused(editor, refusals);
}

/** Several pictures that come together are one batch, where they are shown and do not open as graphs. */
async function batchIn(
  brought: readonly BroughtFile[],
  place: FilePlace | undefined,
  isOnCanvas: boolean,
): Promise<readonly BroughtFile[]> {
  const pictures = brought.filter(({ is }) => is === "picture");
  if (pictures.length < 2 || (place ? place.kind !== "image" : !isOnCanvas)) return [];
  const opens = await Promise.all(pictures.map(async (one) => !place && (await hasGraph(one))));
  const shown = pictures.filter((_, i) => !opens[i]);
  return shown.length < 2 ? [] : shown;
}

interface Refusal {
  readonly name: string;
  readonly why: string;
}

function refusalOf({ name }: File, { message }: Error): Refusal {
  const [first, ...rest] = message.split("\n");
  return { name, why: rest.length > 0 ? `${first} … and ${rest.length} more` : first };
}

/** Of more files the others are counted. */
const refusalsTold = 4;

/** All in one notice: another would take the place of the first. */
function tellRefused(editor: Editor, refusals: readonly Refusal[]): void {
  const [first, ...others] = refusals;
  if (!first) return;
  if (others.length === 0) {
    editor.say({ text: `“${first.name}” is not opened`, more: first.why, bad: true });
    return;
  }
  const lines = refusals.slice(0, refusalsTold).map(({ name, why }) => `“${name}”: ${why}`);
  const more = refusals.length > refusalsTold ? [`… and ${refusals.length - refusalsTold} more`] : [];
  editor.say({
    text: `${refusals.length} files are not opened`,
    more: [...lines, ...more].join("\n"),
    bad: true,
  });
}

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

/** As if they had been dropped there. */
export function pickFiles(editor: Editor, dropped?: Dropped): void {
  const input = Object.assign(document.createElement("input"), { type: "file", multiple: true });
  input.onchange = () => void bring(editor, [...(input.files ?? [])], dropped);
  input.click();
}
