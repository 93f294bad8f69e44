/** What is dropped on the page: a node or a sampler lies where it was dropped, files go to the node under them, or open. */
import { bring, type Dropped } from "../actions/bringing.ts";
import type { Editor } from "../actions/editor.ts";
import { insertSampler, placeNode } from "../actions/placing.ts";
import { type DroppedFiles, droppedFiles } from "./dropped-files.ts";

/** Anywhere on the page: a browser would leave it for the file. */
export function takeDrops(editor: Editor): void {
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    drop(editor, event);
  });
}

function drop(editor: Editor, event: DragEvent): void {
  const at = editor.canvas?.toCanvas([event.clientX, event.clientY]);
  const type = event.dataTransfer?.getData("guidegraph/node");
  const sampler = event.dataTransfer?.getData("guidegraph/sampler");
  if (type && at) placeNode(editor, type, at);
  else if (sampler) void insertSampler(editor, sampler, at);
  else {
    const node = nodeUnder(editor, event);
    const isOnCanvas = event.target === editor.canvas?.element;
    const dropped = { ...(node !== undefined && { node }), ...(isOnCanvas && at && { at }) };
    void bringAll(editor, droppedFiles(event.dataTransfer), dropped);
  }
}

async function bringAll(editor: Editor, reading: Promise<DroppedFiles>, dropped: Dropped): Promise<void> {
  try {
    const { files, folder } = await reading;
    if (files.length === 0 && folder !== undefined)
      editor.say({ text: `“${folder}” is not opened`, more: "There are no files right in this folder.", bad: true });
    await bring(editor, files, { ...dropped, ...(folder !== undefined && { folder }) });
  } catch (error) {
    editor.say({ text: "What was dropped cannot be read", more: (error as Error).message, bad: true });
  }
}

/** The one whose card is under it, or whose words say that a file may be dropped there. */
function nodeUnder({ canvas }: Editor, { target, clientX, clientY }: DragEvent): number | undefined {
  const words = target instanceof Element ? target.closest<HTMLElement>("[data-takes]") : null;
  if (words) return Number(words.dataset.takes);
  return target === canvas?.element ? canvas?.cardUnder([clientX, clientY])?.id : undefined;
}
