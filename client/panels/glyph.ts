/** The shape of a kind beside its name, as it stands on a card. */
import { html, svg, type TemplateResult } from "lit";
import { type GraphNode, own, type PortShape, portsOf } from "../../graphs/document/index.ts";
import type { Catalogue } from "../edit/catalogue.ts";
import { hueOf, lookOf } from "../look/kinds.ts";
import type { Theme } from "../look/theme.ts";

const paths = {
  triangle: "M2 3h12L8 14z",
  circle: "M8 3a5 5 0 1 0 0 10A5 5 0 1 0 8 3z",
  ring: "M8 3a5 5 0 1 0 0 10A5 5 0 1 0 8 3z",
  square: "M3.5 3.5h9v9h-9z",
  tag: "M2.5 4h7.5l4 4-4 4H2.5z",
  diamond: "M8 2.2 13.8 8 8 13.8 2.2 8z",
  wide: "M2 4.5h12v7H2z",
  bar: "M3 6.5h10v3H3z",
} as const;

export function glyph(kind: string, theme: Theme, meaning?: string): TemplateResult {
  const look = lookOf(kind, meaning);
  const hue = hueOf(look, theme);
  const hollow = look.recipe || look.shape === "ring";
  return html`<svg class="glyph" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
    <path d=${paths[look.shape]} fill=${hollow ? "none" : hue} stroke=${hue} stroke-width="1.8" stroke-linejoin="round" />
    ${look.shape === "ring" ? dot(hue) : ""}
  </svg>`;
}

/** Of a slot of a node, as its card draws it: a gradient has a shape of its own. */
export function slotGlyph(
  { definitions }: Catalogue,
  theme: Theme,
  node: GraphNode,
  side: "inputs" | "outputs",
  name: string,
): TemplateResult {
  const slot = node[side].find((one) => one.name === name);
  const ports: Readonly<Record<string, PortShape & { readonly meaning?: string }>> =
    portsOf(node, definitions)?.[side] ?? {};
  return glyph(String(slot?.type ?? ""), theme, own(ports, name)?.meaning);
}

/** Of a node: of what it gives first, else of what it takes first. */
export function nodeGlyph(catalogue: Catalogue, theme: Theme, node: GraphNode): TemplateResult {
  const side = node.outputs.length > 0 ? "outputs" : "inputs";
  return slotGlyph(catalogue, theme, node, side, node[side][0]?.name ?? "");
}

const dot = (hue: string) => svg`<circle cx="8" cy="8" r="2" fill=${hue} />`;
