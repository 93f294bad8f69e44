/** Finds a node of the open document, at any depth, and goes there. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { Search } from "lucide";
import type { Editor } from "../../actions/editor.ts";
import { dismiss } from "../../actions/overlays.ts";
import { reveal } from "../../actions/running.ts";
import { type FoundNode, findNodes } from "../../edit/find.ts";
import type { Overlay } from "../../state/overlay.ts";
import { documentOf } from "../../state/tab.ts";
import { opened } from "../../state/ui.ts";
import { focusOnce } from "../focus.ts";
import { nodeGlyph } from "../glyph.ts";
import { icon } from "../icon.ts";

declare module "../../state/overlay.ts" {
  interface Overlays {
    find: { readonly query: string; readonly index: number };
  }
}

/** More are not looked through by eye. */
const most = 100;

export function findPopup(editor: Editor, find: Overlay<"find">): TemplateResult | "" {
  const { tab, catalogue } = editor;
  if (!tab) return "";
  const found = findNodes(documentOf(tab), catalogue, find.query).slice(0, most);
  const index = Math.min(find.index, found.length - 1);
  const go = ({ path }: FoundNode) => {
    dismiss(editor);
    reveal(editor, path);
  };
  const key = (event: KeyboardEvent) => {
    const now = editor.state.overlay;
    if (now?.is !== "find") return;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) editor.apply(opened({ ...now, index: Math.max(0, Math.min(found.length - 1, index + step)) }));
    else if (event.key === "Enter" && found[index]) go(found[index]);
    else if (event.key === "Escape") dismiss(editor);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div class="popup palette find" role="dialog" aria-label="Find in this graph" @keydown=${key}>
    <div class="search">
      ${icon(Search, 16)}
      <input role="combobox" aria-expanded="true" aria-controls="found" aria-activedescendant="found-${index}" aria-label="Find in this graph" placeholder="Find in this graph"
        autocomplete="off" spellcheck="false" .value=${find.query} ${ref(focusOnce)}
        @input=${(event: Event) => editor.apply(opened({ is: "find", query: (event.target as HTMLInputElement).value, index: 0 }))} />
      <span class="count" aria-live="polite">${found.length}</span>
    </div>
    <div class="scroll" id="found" role="listbox" aria-label="Found">
      ${found.map(
        (
          one,
          i,
        ) => html`<div class="choice" id="found-${i}" role="option" aria-selected=${i === index} @click=${() => go(one)}
          ${ref((element) => i === index && element?.scrollIntoView({ block: "nearest" }))}>
          ${nodeGlyph(catalogue, editor.state.theme, one.node)}
          <span><b>${one.title}</b><small>${one.by ?? catalogue.byType.get(one.node.type)?.title ?? one.node.type}</small></span><em>${one.within.join(" › ")}</em>
        </div>`,
      )}
      ${found.length === 0 ? html`<p class="hint">No node here has “${find.query}” in its title or parameters.</p>` : ""}
    </div>
    <footer><span>↵ go there</span><span>↑↓ choose</span><span>Esc close</span></footer>
  </div>`;
}
