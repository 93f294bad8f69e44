/** What is dropped on the page: a node or a sampler lies where it was dropped, files go to the node under them, or open. */
import { bring } from "../actions/bringing.ts";
import type { Editor } from "../actions/editor.ts";
import { insertSampler, placeNode } from "../actions/placing.ts";

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
    void bring(editor, [...(event.dataTransfer?.files ?? [])], dropped);
  }
}

/** The one whose card is under it, or whose words say that a file may be dropped there. */
function nodeUnder({ canvas }: Editor, { target, clientX, clientY }: DragEvent): number | undefined {
  const words = target instanceof Element ? target.closest<HTMLElement>("[data-takes]") : null;
  if (words) return Number(words.dataset.takes);
  return target === canvas?.element ? canvas?.cardUnder([clientX, clientY])?.id : undefined;
}
