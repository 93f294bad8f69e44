/** On a narrow screen panels lie over the canvas, as `styles/narrow.css` says: one at a time, and out of the way of what is shown. */
import { narrowWidth, put } from "../state/state.ts";
import { isOverStage } from "../state/ui.ts";
import type { Editor } from "./editor.ts";

const narrow = () => matchMedia(`(max-width: ${narrowWidth}px)`);

/** What is about to be shown on the canvas is seen. Gives whether a panel lay over it. */
export function clearSight(editor: Editor): boolean {
  const { left, inspector } = editor.state;
  if (!narrow().matches || (!left && !inspector)) return false;
  editor.apply(put({ left: undefined, inspector: false }));
  return true;
}

export function followWidth(editor: Editor): void {
  let beside: Pick<Editor["state"], "left" | "inspector"> = { left: undefined, inspector: true };
  narrow().addEventListener("change", ({ matches }) => {
    const { left, inspector } = editor.state;
    if (!matches) return editor.apply(put(beside));
    beside = { left, inspector };
    clearSight(editor);
  });
  editor.listen((_, before) => {
    const { left, inspector, overlay } = editor.state;
    if (!narrow().matches || (!left && !inspector)) return;
    if (left && inspector) editor.apply(put(before.inspector ? { inspector: false } : { left: undefined }));
    else if (overlay && overlay.is !== before.overlay?.is && isOverStage(overlay)) clearSight(editor);
  });
}
