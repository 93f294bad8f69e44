import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { X } from "lucide";
import { type Command, commands } from "../../actions/commands.ts";
import type { Editor } from "../../actions/editor.ts";
import { gestures } from "../../actions/keys.ts";
import { dismissed } from "../../state/ui.ts";
import { focusOnce } from "../focus.ts";
import { icon } from "../icon.ts";

declare module "../../state/overlay.ts" {
  interface Overlays {
    shortcuts: object;
  }
}

export function shortcutsDialog(editor: Editor): TemplateResult {
  const close = () => editor.apply(dismissed());
  return html`<div class="veil" @click=${(event: Event) => event.target === event.currentTarget && close()}>
    <div class="dialog" role="dialog" aria-modal="true" aria-label="Shortcuts">
      <header><h2>Shortcuts</h2><button class="tool" aria-label="Close" ${ref(focusOnce)} @click=${close}>${icon(X)}</button></header>
      <div class="columns">
        ${Object.values<Command>(commands).map(({ label, keys }) => row(label, keys.split(" ")))}
        ${gestures.map(({ label, hands }) => row(label, hands))}
      </div>
    </div>
  </div>`;
}

const caps: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
};

function row(label: string, alternatives: readonly string[]): TemplateResult {
  const keys = (one: string) => one.split("+").map((key) => html`<kbd>${caps[key] ?? key}</kbd>`);
  return html`<div><span>${label}</span><span>${alternatives.map((one, i) => html`${i > 0 ? " or " : ""}${keys(one)}`)}</span></div>`;
}
