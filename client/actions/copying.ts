/** Copy and paste, between documents and, where the browser allows it, between windows. */
import type { GraphLink } from "../../graphs/document/index.ts";
import { copyNodes, entering, pasteText, stillThere } from "../edit/clipboard.ts";
import type { Editor } from "./editor.ts";

let copied = "";
/** Where it was copied: elsewhere it is pasted into the middle of what is seen. */
let copiedIn = "";
/** The wires that entered it there. */
let wires: readonly GraphLink[] = [];
const placeOf = ({ tab }: Editor) => `${tab?.key} ${tab?.level.join("/")}`;

export async function copy(editor: Editor, ids: ReadonlySet<number>): Promise<void> {
  copied = copyNodes(editor.graph, ids);
  copiedIn = placeOf(editor);
  wires = entering(editor.graph, ids);
  await navigator.clipboard?.writeText(copied).catch(() => {});
}

/** `wired`: where it was copied, the copies hang on the same incoming wires as the originals. */
export async function paste(editor: Editor, { wired = false } = {}): Promise<void> {
  const text = (await navigator.clipboard?.readText().catch(() => "")) || copied;
  pasteInto(editor, text.trimStart().startsWith("{") ? text : copied, wired);
}

function pasteInto(editor: Editor, text: string, wired: boolean): void {
  if (text === "") return;
  try {
    const isHere = copiedIn === placeOf(editor);
    const keep = wired && isHere && text === copied ? stillThere(wires, editor.graph) : [];
    const pasted = pasteText(editor.graph, text, isHere ? undefined : editor.canvas?.centre, keep);
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
