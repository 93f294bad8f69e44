/** Copy and paste, between documents and, where the browser allows it, between windows. */
import type { Box } from "../canvas/view.ts";
import { copyNodes, entering, pasteText, stillThere } from "../edit/clipboard.ts";
import { put } from "../state/state.ts";
import { fromClipboard, toClipboard } from "./clipboard.ts";
import type { Editor } from "./editor.ts";
import { besideOthers } from "./placing.ts";

const placeOf = ({ tab }: Editor) => `${tab?.key} ${tab?.level.join("/")}`;

export async function copy(editor: Editor, ids: ReadonlySet<number>): Promise<void> {
  const text = copyNodes(editor.graph, ids);
  editor.apply(put({ copied: { text, place: placeOf(editor), wires: entering(editor.graph, ids) } }));
  await toClipboard(text);
}

/** `wired`: where it was copied, the copies hang on the same incoming wires as the originals. */
export async function paste(editor: Editor, { wired = false } = {}): Promise<void> {
  const { copied } = editor.state;
  const text = await fromClipboard();
  if (text === undefined && !copied)
    editor.say({
      text: "Nothing was copied in this window",
      more: "The browser gives what other windows copied to pages of https and of this machine only. Drop the file instead.",
    });
  pasteInto(editor, text?.trimStart().startsWith("{") ? text : (copied?.text ?? ""), wired);
}

/** Where none of them is seen as a whole, or `all` is what there is: so that one sees what came. */
function bringIntoSight({ canvas }: Editor, ids: ReadonlySet<number>, all: boolean): void {
  if (!canvas) return;
  requestAnimationFrame(() => {
    const [left, top, width, height] = canvas.seen;
    const isSeen = ([x, y, w, h]: Box) => x >= left && y >= top && x + w <= left + width && y + h <= top + height;
    if (all || !canvas.boxes(ids).some(isSeen)) canvas.fit(all ? undefined : ids);
  });
}

function pasteInto(editor: Editor, text: string, wired: boolean): void {
  if (text === "") return;
  try {
    const { copied } = editor.state;
    const isHere = copied?.place === placeOf(editor);
    const keep = wired && isHere && text === copied.text ? stillThere(copied.wires, editor.graph) : [];
    const pasted = besideOthers(
      editor,
      pasteText(editor.graph, text, isHere ? undefined : editor.canvas?.centre, keep),
    );
    if (pasted.ids.size === 0) {
      editor.say({ text: "There are no nodes in what was copied" });
      return;
    }
    const isFirst = editor.graph.nodes.length === 0;
    editor.edit(() => pasted.graph);
    editor.select(pasted.ids);
    bringIntoSight(editor, pasted.ids, isFirst);
  } catch (error) {
    editor.say({
      text: "What is in the clipboard is no graph",
      more: (error as Error).message.split("\n")[0],
      bad: true,
    });
  }
}
