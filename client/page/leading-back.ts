/** Who goes by key is led back: when what floats closes, the focus is where it was opened from. */
import type { Editor } from "../actions/editor.ts";

export function leadBack(editor: Editor): void {
  let from: Element | null = null;
  let waits = false;
  const back = () => {
    waits = false;
    const { activeElement, body } = document;
    const isNowhere = activeElement === body || activeElement === editor.canvas?.element;
    if (editor.state.overlay || !isNowhere || body.dataset.by === "pointer") return;
    if (from instanceof HTMLElement && from.isConnected) from.focus();
  };
  editor.listen((_, before) => {
    const { overlay } = editor.state;
    // A menu that opens another thing hands its place on.
    if (overlay && !before.overlay && !waits) from = document.activeElement;
    if (overlay || !before.overlay || waits) return;
    waits = true;
    // By then it has left the page.
    requestAnimationFrame(() => requestAnimationFrame(back));
  });
}
