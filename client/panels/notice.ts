/** What the editor says: between where one is and the zoom, over no node. Two lines stand there; a longer one opens. */
import { html, type TemplateResult } from "lit";
import { ref } from "lit/directives/ref.js";
import { Info, TriangleAlert, X } from "lucide";
import type { Editor } from "../actions/editor.ts";
import { unbroken } from "./breakable.ts";
import { icon } from "./icon.ts";

export function noticeCard(editor: Editor): TemplateResult | "" {
  const { notice } = editor.state;
  if (!notice) return "";
  const { text, more, bad, action, other } = notice;
  return html`<div class="notice" role=${bad ? "alert" : "status"} data-bad=${bad ?? false}
    @pointerenter=${() => editor.read(true)} @pointerleave=${() => editor.read(false)}
    @focusin=${() => editor.read(true)} @focusout=${() => editor.read(false)}>
    ${icon(bad ? TriangleAlert : Info)}
    <span class="said" ${ref((said) => measured(said))}><b>${text}</b>${more ? html` <span>${unbroken(more)}</span>` : ""}</span>
    <button class="plain whole" @click=${({ currentTarget }: Event) => ((currentTarget as HTMLElement).parentElement as HTMLElement).toggleAttribute("data-open", true)}>Read on</button>
    ${[action, other].map((deed) =>
      deed
        ? html`<button class="plain" @click=${() => {
            editor.hush();
            deed.run();
          }}>${deed.label}</button>`
        : "",
    )}
    <button class="tool small" aria-label="Close" @click=${() => editor.hush()}>${icon(X, 15)}</button>
  </div>`;
}

const told = new WeakMap<Element, string>();

/** Marks a card whose words have no room; one that is opened stays so until it says something else. */
function measured(said: Element | undefined): void {
  if (!said) return;
  // Its words are written in the same breath.
  queueMicrotask(() => {
    const [card, words] = [said.parentElement, said.textContent ?? ""];
    if (told.get(said) !== words) card?.removeAttribute("data-open");
    told.set(said, words);
    if (!card?.hasAttribute("data-open")) card?.toggleAttribute("data-long", said.scrollHeight > said.clientHeight + 1);
  });
}
