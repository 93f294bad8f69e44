/** What one sets once: the theme, and which panels are open; beside it what this server is. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { X } from "lucide";
import type { Editor } from "../actions/editor.ts";
import { setTheme } from "../actions/theme.ts";
import { focusOnce } from "./focus.ts";
import { icon } from "./icon.ts";

export function settingsDialog(editor: Editor): TemplateResult {
  const close = () => {
    editor.overlay = undefined;
    editor.changed();
  };
  const panel = (label: string, on: boolean, set: (on: boolean) => void) => html`<div class="row"><span>${label}</span>
    <button class="switch" role="switch" aria-checked=${on} aria-label=${label} @click=${() => {
      set(!on);
      editor.changed();
    }}><i></i></button></div>`;
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
        <select class="field" aria-label="Theme" @change=${(event: Event) => setTheme(editor, (event.target as HTMLSelectElement).value === "light" ? "light" : "dark")}>
          <option value="dark" .selected=${editor.theme === "dark"}>Dark</option>
          <option value="light" .selected=${editor.theme === "light"}>Light</option>
        </select></label>
      ${panel("Nodes and library", editor.left !== undefined, (on) => {
        editor.left = on ? "nodes" : undefined;
      })}
      ${panel("Inspector", editor.inspector, (on) => {
        editor.inspector = on;
      })}
      ${panel("Runs", editor.strip, (on) => {
        editor.strip = on;
      })}
      <dl><dt>Models are computed on</dt><dd>${editor.health?.backend ?? "…"}</dd>
        <dt>Version</dt><dd>${editor.health?.version ?? "…"}</dd></dl>
    </div>
  </div>`;
}
