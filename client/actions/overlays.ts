/** Closing what floats: the canvas has the focus again. */
import type { Overlay } from "../state/overlay.ts";
import { dismissed } from "../state/ui.ts";
import type { Editor } from "./editor.ts";

/** `only`: unless another is open by now. */
export function dismiss(editor: Editor, only?: Overlay): void {
  if (only && editor.state.overlay !== only) return;
  editor.apply(dismissed());
  editor.canvas?.element.focus();
}
