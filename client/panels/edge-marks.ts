/** At each edge of the canvas, how many cards lie beyond it: that there is more is said also where no map has room. A press goes there. */
import { html, type TemplateResult } from "lit";
import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp } from "lucide";
import type { Editor } from "../actions/editor.ts";
import { isOverStage } from "../state/ui.ts";
import { beyond, type Side, towards } from "./beyond.ts";
import { icon } from "./icon.ts";

export function edgeMarks({ canvas, state: { overlay } }: Editor): TemplateResult[] {
  // A canvas that is not laid out yet has no edges, and what lies over it covers them.
  if (!canvas || canvas.element.clientWidth === 0 || (overlay && isOverStage(overlay))) return [];
  const { clear } = canvas;
  return [...beyond(canvas.boxes(), clear)].map(([side, boxes]) => {
    const { arrow, where } = looks[side];
    const go = () => {
      const [dx, dy] = towards(side, boxes, canvas.clear, marginPx / canvas.view.scale);
      const { x, y, scale } = canvas.view;
      canvas.view = { x: x - dx, y: y - dy, scale };
    };
    const said = `${boxes.length} more ${where}`;
    return html`<button class="edge-mark" data-side=${side} aria-label=${said} title=${said} @click=${go}>${icon(arrow, 14)}${boxes.length} more</button>`;
  });
}

/** Between a card that comes into sight and the edge, in CSS pixels. */
const marginPx = 40;

const looks: { readonly [S in Side]: { readonly arrow: unknown; readonly where: string } } = {
  left: { arrow: ArrowLeft, where: "to the left" },
  right: { arrow: ArrowRight, where: "to the right" },
  up: { arrow: ArrowUp, where: "above" },
  down: { arrow: ArrowDown, where: "below" },
};
