/** An equation as its definition has it, in Unicode: variables in italics, sub- and superscripts set as such. */
import { html, type TemplateResult } from "lit";

/** Function names that stand upright, as in print. */
const upright = new Set(["log", "clamp", "byte"]);

export function equation(text: string): TemplateResult {
  const parts = text.split(/([A-Za-z]{3,}_[A-Za-z]{2,}|_\{[^}]*\}|_[A-Za-zθ]+|[A-Za-z]+)/u).filter(Boolean);
  return html`<div class="equation" role="math" aria-label=${text}>${parts.map((part) => {
    if (/^[A-Za-z]{3,}_/.test(part)) return html`<span>${part}</span>`;
    if (part.startsWith("_")) return html`<sub>${part.replace(/^_\{?|\}$/g, "")}</sub>`;
    if (/^[A-Za-z]+$/.test(part)) return upright.has(part) ? html`<span>${part}</span>` : html`<i>${part}</i>`;
    return part;
  })}</div>`;
}
