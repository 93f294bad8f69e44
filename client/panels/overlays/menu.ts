import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import type { Editor } from "../../actions/editor.ts";
import { dismiss } from "../../actions/overlays.ts";
import type { MenuItem, Overlay } from "../../state/overlay.ts";
import { focusOnce } from "../focus.ts";
import { keptInside } from "../inside.ts";

export function menuPopup(editor: Editor, { at, items, label }: Overlay<"menu">): TemplateResult {
  const height = items.reduce((sum, item) => sum + (item === "-" ? 9 : 30), 12);
  const left = Math.max(8, Math.min(at[0], innerWidth - 248));
  const top = Math.max(8, Math.min(at[1], innerHeight - height - 8));
  const close = () => dismiss(editor);
  const pick = (item: MenuItem) => {
    close();
    item.run();
  };
  const key = (event: KeyboardEvent) => {
    const buttons = [
      ...(event.currentTarget as HTMLElement).querySelectorAll<HTMLButtonElement>("button:not(:disabled)"),
    ];
    const index = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) buttons[(index + step + buttons.length) % buttons.length]?.focus();
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  let first = true;
  return html`<div class="popup menu" role="menu" aria-label=${label} ${ref(keptInside)} .style=${`left:${left}px;top:${top}px`} @keydown=${key}>
    ${items.map((item) => {
      if (item === "-") return html`<hr />`;
      const focus = first && !item.disabled;
      if (focus) first = false;
      return html`<button role="menuitem" data-danger=${item.danger ?? false} ?disabled=${item.disabled} @click=${() => pick(item)} ${ref(focus ? focusOnce : undefined)}>
        <span>${item.label}</span>${item.keys ? html`<kbd>${item.keys}</kbd>` : ""}
      </button>`;
    })}
  </div>`;
}
