/** A note's text, written exactly where it is painted; the card grows with it. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import type { Editor } from "../../actions/editor.ts";
import { dismiss } from "../../actions/overlays.ts";
import { lineHeight, notePadding, noteTextTop } from "../../canvas/card.ts";
import { setProperty } from "../../edit/graph.ts";
import type { Overlay } from "../../state/overlay.ts";
import { focusOnce } from "../focus.ts";

declare module "../../state/overlay.ts" {
  interface Overlays {
    /** Edits of one `stroke` are one undo step. */
    note: { readonly id: number; readonly stroke: string };
  }
}

export function notePopup(editor: Editor, overlay: Overlay<"note">): TemplateResult | "" {
  const { id, stroke } = overlay;
  const card = editor.canvas?.card(id);
  const note = card?.look.note;
  if (!editor.canvas || !card || !note) return "";
  const [left, top] = editor.canvas.toScreen([card.pos[0], card.pos[1]]);
  const { scale } = editor.canvas.view;
  const close = () => dismiss(editor, overlay);
  const write = (event: Event) => {
    const { value } = event.target as HTMLTextAreaElement;
    editor.edit((graph) => setProperty(graph, id, "text", value, editor.catalogue), stroke);
  };
  const place = {
    left: `${left}px`,
    top: `${top}px`,
    width: `${card.size[0]}px`,
    height: `${card.size[1]}px`,
    transform: `scale(${scale})`,
    padding: `${noteTextTop(note)}px ${notePadding.right}px 0 ${notePadding.left}px`,
    "line-height": `${lineHeight}px`,
  };
  const style = Object.entries(place).map(([name, value]) => `${name}:${value}`);
  return html`<div class="popup note" .style=${style.join(";")}>
    <textarea aria-label="Text of the note" spellcheck="false" .value=${note.text} ${ref(focusOnce)} @input=${write} @blur=${close}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key === "Escape") close();
        else if ((event.ctrlKey || event.metaKey) && event.key === "Enter") close();
        if (event.key === "Escape") event.stopPropagation();
      }}></textarea>
  </div>`;
}
