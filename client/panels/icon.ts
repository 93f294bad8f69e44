/** Lucide's icons as inline SVG, 18 px, in the colour of the text around them. */
import { html, type TemplateResult } from "lit";
import { unsafeSVG } from "lit/directives/unsafe-svg.js";

export type IconShape = readonly (readonly [
  tag: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
])[];

const drawn = new Map<IconShape, string>();

/** The shapes come from the package, never from a document. */
export function icon(shape: unknown, size = 18): TemplateResult {
  const parts = shape as IconShape;
  const inner = drawn.get(parts) ?? parts.map(([tag, attributes]) => `<${tag} ${text(attributes)}/>`).join("");
  drawn.set(parts, inner);
  return html`<svg class="icon" width=${size} height=${size} viewBox="0 0 24 24" aria-hidden="true">${unsafeSVG(inner)}</svg>`;
}

const text = (attributes: Readonly<Record<string, string | number | undefined>>): string =>
  Object.entries(attributes)
    .filter(([name]) => name !== "key")
    .map(([name, value]) => `${name}="${value}"`)
    .join(" ");
