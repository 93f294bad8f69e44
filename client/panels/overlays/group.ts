/** The title of a group, edited where it is painted. An empty one takes the group away. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import type { Editor } from "../../actions/editor.ts";
import { renameGroup } from "../../edit/graph.ts";
import type { Overlay } from "../../state/overlay.ts";
import { dismissed } from "../../state/ui.ts";
import { focusOnce } from "../focus.ts";

declare module "../../state/overlay.ts" {
  interface Overlays {
    /** `box`: its title, in CSS pixels of the window. */
    group: { readonly index: number; readonly box: readonly [number, number, number, number] };
  }
}

export function groupPopup(editor: Editor, overlay: Overlay<"group">): TemplateResult {
  const { index, box } = overlay;
  const [left, top, width, height] = box;
  const close = () => editor.apply(dismissed(overlay));
  const commit = (title: string) => {
    close();
    editor.edit((graph) => renameGroup(graph, index, title));
  };
  return html`<div class="popup over" .style=${`left:${left}px;top:${top}px;width:${width}px;height:${height}px`}>
    <input class="field" aria-label="Title of the group" .value=${editor.graph.groups[index]?.title ?? ""} ${ref(focusOnce)}
      @blur=${(event: Event) => editor.state.overlay === overlay && commit((event.target as HTMLInputElement).value)}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key === "Enter") commit((event.target as HTMLInputElement).value);
        else if (event.key === "Escape") close();
        else return;
        event.stopPropagation();
      }} />
  </div>`;
}
