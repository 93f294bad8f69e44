/** What keeps a graph from running, below Run, while that says that there is something; or from leaving as ONNX. */
import { html, type TemplateResult } from "lit";
import type { Problem } from "../../../server/protocol.ts";
import type { Editor } from "../../actions/editor.ts";
import type { Overlay } from "../../state/overlay.ts";
import { problemsOf } from "../../state/problems.ts";
import { dismissed } from "../../state/ui.ts";
import { countOf, problemList } from "../problems.ts";

declare module "../../state/overlay.ts" {
  interface Overlays {
    /** `leaving`: what its export was refused for, instead. */
    problems: { readonly leaving?: readonly Problem[] };
  }
}

export function problemsPopup(editor: Editor, { leaving }: Overlay<"problems">): TemplateResult {
  const list = leaving ?? (editor.tab ? problemsOf(editor.tab) : []);
  const what = leaving ? "being exported" : "running";
  const close = () => editor.apply(dismissed());
  const key = (event: KeyboardEvent) => {
    const buttons = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLButtonElement>("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const index = buttons.indexOf(document.activeElement as HTMLButtonElement);
    buttons[(index + step + buttons.length) % buttons.length]?.focus();
    event.preventDefault();
  };
  return html`<div class="popup problems" role="dialog" aria-label="What keeps this graph from ${what}" @keydown=${key}>
    <p>${countOf(list)} to solve before it can ${leaving ? "be exported" : "run"}. A click goes there.</p>
    ${problemList(editor, list, close)}
  </div>`;
}
