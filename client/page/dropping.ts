/** What is dropped on the page: a node or a sampler lies where it was dropped, files open. */
import { openFiles } from "../actions/documents.ts";
import type { Editor } from "../actions/editor.ts";
import { insertSampler, placeNode } from "../actions/placing.ts";

export function drop(editor: Editor, event: DragEvent): void {
  event.preventDefault();
  const at = editor.canvas?.toCanvas([event.clientX, event.clientY]);
  const type = event.dataTransfer?.getData("guidegraph/node");
  const sampler = event.dataTransfer?.getData("guidegraph/sampler");
  if (type && at) placeNode(editor, type, at);
  else if (sampler) void insertSampler(editor, sampler, at);
  else void openFiles(editor, [...(event.dataTransfer?.files ?? [])]);
}
