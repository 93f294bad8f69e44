/** What one sets once: the theme, and which panels are open; beside it what this server is. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { X } from "lucide";
import type { Editor } from "../../actions/editor.ts";
import { setTheme } from "../../actions/theme.ts";
import type { ThemeChoice } from "../../look/theme.ts";
import { dismissed, toggled } from "../../state/ui.ts";
import { focusOnce } from "../focus.ts";
import { icon } from "../icon.ts";

declare module "../../state/overlay.ts" {
  interface Overlays {
    settings: object;
  }
}

export function settingsDialog(editor: Editor): TemplateResult {
  const { themeChoice, left, inspector, strip, health } = editor.state;
  const close = () => editor.apply(dismissed());
  const panel = (
    label: string,
    on: boolean,
    name: "left" | "inspector" | "strip",
  ) => html`<div class="row"><span>${label}</span>
    <button class="switch" role="switch" aria-checked=${on} aria-label=${label} @click=${() => editor.apply(toggled(name))}><i></i></button></div>`;
  return html`<div class="veil" @click=${(event: Event) => event.target === event.currentTarget && close()}>
    <div class="dialog settings" role="dialog" aria-modal="true" aria-label="Settings" @keydown=${(
      event: KeyboardEvent,
    ) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      close();
    }}>
      <header><h2>Settings</h2><button class="tool" aria-label="Close" ${ref(focusOnce)} @click=${close}>${icon(X)}</button></header>
      <label class="row"><span>Theme</span>
        <select class="field" aria-label="Theme" @change=${(event: Event) => setTheme(editor, (event.target as HTMLSelectElement).value as ThemeChoice)}>
          <option value="system" .selected=${themeChoice === "system"}>As the system</option>
          <option value="dark" .selected=${themeChoice === "dark"}>Dark</option>
          <option value="light" .selected=${themeChoice === "light"}>Light</option>
        </select></label>
      ${panel("Nodes and library", left !== undefined, "left")}
      ${panel("Inspector", inspector, "inspector")}
      ${panel("Runs", strip, "strip")}
      <dl><dt>Models are computed on</dt><dd>${health?.backend ?? "…"}</dd>
        <dt>Version</dt><dd>${health?.version ?? "…"}</dd></dl>
    </div>
  </div>`;
}
