/** Copy and paste, between documents and, where the browser allows it, between windows. */
import { copyNodes, pasteText } from "../edit/clipboard.ts";
import type { Editor } from "./editor.ts";

let copied = "";
/** Where it was copied: elsewhere it is pasted into the middle of what is seen. */
let copiedIn = "";
const placeOf = ({ tab }: Editor) => `${tab?.key} ${tab?.level.join("/")}`;

export async function copy(editor: Editor, ids: ReadonlySet<number>): Promise<void> {
  copied = copyNodes(editor.graph, ids);
  copiedIn = placeOf(editor);
  await navigator.clipboard?.writeText(copied).catch(() => {});
}

export async function paste(editor: Editor): Promise<void> {
  const text = (await navigator.clipboard?.readText().catch(() => "")) || copied;
  pasteInto(editor, text.trimStart().startsWith("{") ? text : copied);
}

function pasteInto(editor: Editor, text: string): void {
  if (text === "") return;
  try {
    const pasted = pasteText(editor.graph, text, copiedIn === placeOf(editor) ? undefined : editor.canvas?.centre);
    editor.edit(() => pasted.graph);
    editor.select(pasted.ids);
  } catch (error) {
    editor.say({
      text: "What is in the clipboard is no graph",
      more: (error as Error).message.split("\n")[0],
      bad: true,
    });
  }
}
