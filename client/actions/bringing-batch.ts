/** Several pictures as one batch: a folder of them on the server, which one node loads. */
import { freeName } from "../../graphs/document/index.ts";
import type { Point } from "../edit/graph.ts";
import { put } from "../state/state.ts";
import { slugOf } from "./documents.ts";
import type { Editor } from "./editor.ts";
import { choose, type FilePlace } from "./file-place.ts";
import { placeNode } from "./placing.ts";

export interface BatchBrought {
  /** What the folder was called where it came from. */
  readonly folder?: string;
  /** The node that takes it; without one, a new node does, at `at`. */
  readonly place?: FilePlace;
  readonly at?: Point;
  /** Told of each picture that the server does not take, and why. */
  readonly refused: (picture: File, error: Error) => void;
}

/** What the server takes of them is the batch; where it takes one alone, that is loaded. */
export async function bringBatch(
  editor: Editor,
  pictures: readonly File[],
  { folder = "pictures", place, at, refused }: BatchBrought,
): Promise<void> {
  const { api, state } = editor;
  const isTaken = (name: string) => state.images.some(({ id }) => id.startsWith(`${name}/`));
  const batch = freeName(slugOf(folder), isTaken, "-");
  const taken: string[] = [];
  for (const [i, picture] of pictures.entries()) {
    editor.say({ text: `Copying picture ${i + 1} of ${pictures.length} to the server` }, 600_000);
    try {
      await api.uploadImage(picture, picture.name, batch);
      taken.push(picture.name);
    } catch (error) {
      refused(picture, error as Error);
    }
  }
  editor.hush();
  if (taken.length === 0) return;
  editor.apply(put({ images: await api.images() }));
  void editor.surveys?.refresh();
  const file = taken.length === 1 ? `${batch}/${taken[0]}` : `${batch}/`;
  if (place) choose(editor, place, file);
  else placeNode(editor, "guidegraph/load-image", at, undefined, undefined, { file });
  const more = "Dropped one by one, each gets a node of its own.";
  editor.say({ text: `${taken.length} pictures are one batch, ${file}`, more });
}
