/** What keeps a graph from running, below Run, while that says that there is something. */
import { html, type TemplateResult } from "lit";
import type { Editor } from "../../actions/editor.ts";
import { problemsOf } from "../../state/problems.ts";
import { dismissed } from "../../state/ui.ts";
import { countOf, problemList } from "../problems.ts";

declare module "../../state/overlay.ts" {
  interface Overlays {
    problems: object;
  }
}

export function problemsPopup(editor: Editor): TemplateResult {
  const close = () => editor.apply(dismissed());
  const key = (event: KeyboardEvent) => {
    const buttons = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLButtonElement>("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const index = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[(index + step + buttons.length) % buttons.length]?.focus();
    event.preventDefault();
  };
  return html`<div class="popup problems" role="dialog" aria-label="What keeps this graph from running" @keydown=${key}>
    <p>${countOf(editor.tab ? problemsOf(editor.tab) : [])} to solve before it can run. A click goes there.</p>
    ${problemList(editor, close)}
  </div>`;
}
