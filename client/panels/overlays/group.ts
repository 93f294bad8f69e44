/** The title of a group, edited where it is painted. An empty one takes the group away. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import type { Editor } from "../actions/editor.ts";
import type { Overlay } from "../state/overlay.ts";
import { focusOnce } from "./focus.ts";

export function groupPopup(editor: Editor, overlay: Extract<Overlay, { is: "group" }>): TemplateResult {
  const { index, box } = overlay;
  const [left, top, width, height] = box;
  const close = () => {
    if (editor.overlay === overlay) editor.overlay = undefined;
    editor.changed();
  };
  const commit = (title: string) => {
    close();
    editor.edit((graph) => {
      if (graph.groups[index]?.title === title) return graph;
      const groups =
        title === "" ? graph.groups.toSpliced(index, 1) : graph.groups.with(index, { ...graph.groups[index], title });
      return { ...graph, groups };
    });
  };
  return html`<div class="popup over" .style=${`left:${left}px;top:${top}px;width:${width}px;height:${height}px`}>
    <input class="field" aria-label="Title of the group" .value=${editor.graph.groups[index]?.title ?? ""} ${ref(focusOnce)}
      @blur=${(event: Event) => editor.overlay === overlay && commit((event.target as HTMLInputElement).value)}
      @keydown=${(event: KeyboardEvent) => {
        if (event.key === "Enter") commit((event.target as HTMLInputElement).value);
        else if (event.key === "Escape") close();
        else return;
        event.stopPropagation();
      }} />
  </div>`;
}
