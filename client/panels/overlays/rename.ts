/** A name, edited where it stands. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import type { Editor } from "../../actions/editor.ts";
import { dismiss } from "../../actions/overlays.ts";
import type { Overlay } from "../../state/overlay.ts";
import { focusOnce } from "../focus.ts";

declare module "../../state/overlay.ts" {
  interface Overlays {
    rename: {
      /** In CSS pixels of the window. */
      readonly box: readonly [number, number, number, number];
      readonly label: string;
      readonly value: string;
      readonly commit: (name: string) => void;
      /** What is done when no name is given. */
      readonly otherwise?: () => void;
    };
  }
}

export function renamePopup(editor: Editor, overlay: Overlay<"rename">): TemplateResult {
  const { box, label, value, commit, otherwise } = overlay;
  const [left, top, width, height] = box;
  const end = (name: string | undefined) => {
    if (editor.state.overlay !== overlay) return;
    dismiss(editor, overlay);
    if (name === undefined || name === value) otherwise?.();
    else commit(name);
  };
  const x = Math.max(4, Math.min(left, innerWidth - width - 4));
  return html`<div class="popup over" .style=${`left:${x}px;top:${top}px;width:${width}px;height:${height}px`}>
    <input class="field" aria-label=${label} spellcheck="false" .value=${value} ${ref(focusOnce)}
      @blur=${(event: Event) => end((event.target as HTMLInputElement).value)}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key === "Enter") end((event.target as HTMLInputElement).value);
        else if (event.key === "Escape") end(undefined);
        else return;
        event.stopPropagation();
      }} />
  </div>`;
}
