/** The whole graph in small, with the part that is seen; only while something is out of sight. A press there goes there. */
import { html, svg, type TemplateResult } from "lit";
import type { Editor } from "../actions/editor.ts";
import type { EditorCanvas } from "../canvas/editor-canvas.ts";
import { type Box, unionOf } from "../canvas/view.ts";
import { boxIn, type Corner, cornerFor, type InSight, mapSize } from "./minimap-place.ts";

/** CSS pixels, within its frame. */
const [width, height] = [mapSize.width - 2, mapSize.height - 2];

/** Where it was shown last; while a hand is on it, it stays there. */
let corner: Corner | undefined;
let isHeld = false;

export function minimap({ canvas }: Editor): TemplateResult | "" {
  if (!canvas) return "";
  const boxes = canvas.boxes();
  const { seen } = canvas;
  // A canvas that is not laid out yet has no corners.
  if (canvas.element.clientWidth === 0 || boxes.length === 0 || covers(seen, unionOf(boxes), 12 / canvas.view.scale)) {
    // What goes away under the hand is not told that it was let go.
    isHeld = false;
    return "";
  }
  const { clientWidth, clientHeight } = canvas.element;
  const size = [clientWidth, clientHeight] as const;
  if (!isHeld) corner = cornerFor(inSight(canvas), size, corner);
  if (!corner) return "";
  const [atX, atY] = boxIn(corner, size);
  const [x, y, w, h] = unionOf([...boxes, seen]);
  const scale = Math.min(width / w, height / h);
  const [left, top] = [x - (width / scale - w) / 2, y - (height / scale - h) / 2];
  const go = (event: PointerEvent) => {
    if (event.buttons !== 1) return;
    const map = event.currentTarget as HTMLElement;
    map.setPointerCapture(event.pointerId);
    isHeld = true;
    const box = map.getBoundingClientRect();
    const at = [left + (event.clientX - box.left) / scale, top + (event.clientY - box.top) / scale];
    const view = canvas.view;
    canvas.view = { x: seen[2] / 2 - at[0], y: seen[3] / 2 - at[1], scale: view.scale };
  };
  const letGo = () => {
    isHeld = false;
  };
  const cards = boxes.map(([x, y, w, h]) => `M${x} ${y}h${w}v${h}h${-w}z`).join("");
  return html`<div class="minimap" aria-hidden="true" .style=${`left:${atX}px;top:${atY}px`} @pointerdown=${go} @pointermove=${go} @lostpointercapture=${letGo}>
    <svg width=${width} height=${height} viewBox="${left} ${top} ${width / scale} ${height / scale}">
      ${svg`<path d=${cards} /><rect x=${seen[0]} y=${seen[1]} width=${seen[2]} height=${seen[3]} rx=${4 / scale} stroke-width=${1.5 / scale} />`}
    </svg>
  </div>`;
}

/** In CSS pixels of the canvas. */
function inSight({ cards, view: { x, y, scale } }: EditorCanvas): InSight[] {
  const seen = ([left, top, width, height]: Box): Box => [
    (left + x) * scale,
    (top + y) * scale,
    width * scale,
    height * scale,
  ];
  return [...cards.values()].map(({ box, body }) => ({ box: seen(box), body: body && seen(body) }));
}

/** But for a sliver. */
const covers = ([x, y, w, h]: Box, [ax, ay, aw, ah]: Box, sliver: number): boolean =>
  ax >= x - sliver && ay >= y - sliver && ax + aw <= x + w + sliver && ay + ah <= y + h + sliver;
