/** Several pictures as one batch: a folder of them on the server, which one node loads. */
import { freeName } from "../../graphs/document/index.ts";
import { slugOf } from "./document-names.ts";
import { type Editor, untilReplaced } from "./editor.ts";
import { choose, type FilePlace } from "./file-place.ts";
import { listUploads, sendFree } from "./listing-uploads.ts";
import { type NodePlace, placeLater } from "./placing-later.ts";

export interface BatchBrought {
  /** What the folder was called where it came from. */
  readonly folder?: string;
  /** The node that takes it. */
  readonly place?: FilePlace | undefined;
  /** Else, where a new node takes it. */
  readonly at?: NodePlace | undefined;
  /** Told of each picture that the server does not take, and why. */
  readonly refused: (picture: File, error: Error) => void;
}

/** What the server takes of them is the batch; where it takes one alone, that is loaded. */
export async function bringBatch(
  editor: Editor,
  pictures: readonly File[],
  { folder = "", place, at, refused }: BatchBrought,
): Promise<void> {
  const { api } = editor;
  const listed = new Set(editor.state.images.map(({ id }) => id.split("/")[0]));
  const wish = slugOf(folder, "pictures");
  const free = (refused: ReadonlySet<string>) => freeName(wish, (name) => listed.has(name) || refused.has(name), "-");
  let batch: string | undefined;
  const taken: string[] = [];
  for (const [i, picture] of pictures.entries()) {
    editor.say({ text: `Copying picture ${i + 1} of ${pictures.length} to the server` }, untilReplaced);
    try {
      // Its first picture makes it one of its own.
      if (batch === undefined)
        batch = await sendFree(free, 412, (name) => api.uploadImage(picture, picture.name, name, true));
      else await api.uploadImage(picture, picture.name, batch);
      taken.push(picture.name);
    } catch (error) {
      refused(picture, error as Error);
    }
  }
  editor.hush();
  if (taken.length === 0) return;
  const ids = taken.map((name) => `${batch}/${name}`);
  const file = taken.length === 1 ? ids[0] : `${batch}/`;
  await listUploads(editor, [...ids, file], "images");
  if (place) choose(editor, place, file);
  const isPlaced = !place && at !== undefined && placeLater(editor, "guidegraph/load-image", at, file);
  if (!place && !isPlaced)
    editor.say({ text: `${file} is on the server`, more: "The graph that it was dropped on is gone." });
  else if (taken.length > 1)
    editor.say({
      text: `${taken.length} pictures are one batch, ${file}`,
      more: "Dropped one by one, each gets a node of its own.",
    });
}
