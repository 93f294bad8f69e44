/** What lies under a point of the canvas. */
import type { Card } from "./card.ts";
import { headHeight } from "./card.ts";
import type { EditorCanvas } from "./editor-canvas.ts";
import type { Box } from "./view.ts";
import { wiresOf } from "./wires.ts";

export type Hit =
  | { readonly on: "slot"; readonly card: Card; readonly side: "input" | "output"; readonly index: number }
  | { readonly on: "row"; readonly card: Card; readonly row: number }
  | { readonly on: "opener"; readonly card: Card }
  | { readonly on: "edge"; readonly card: Card }
  | { readonly on: "card"; readonly card: Card }
  | { readonly on: "group"; readonly index: number }
  | { readonly on: "link"; readonly id: number }
  | { readonly on: "nothing" };

/** `reach`, `tall`: how far from its middle a slot is hit, in canvas pixels. */
export function hitAt(canvas: EditorCanvas, x: number, y: number, reach = 12, tall = 10): Hit {
  const slot = slotAt(canvas, x, y, reach, tall);
  if (slot) return slot;
  const { graph } = canvas.projection;
  const card = graph.getNodeOnPos(x, y) as Card | null;
  if (card) {
    const [dx, dy] = [x - card.pos[0], y - card.pos[1]];
    if (card.look.opens && dy < 0 && dx > card.width - 30) return { on: "opener", card };
    if (card.look.form === "note" && !card.flags.collapsed && dx > card.width - 8) return { on: "edge", card };
    const row = card.flags.collapsed || dy < 0 ? -1 : card.rowAt(dx, dy);
    return row >= 0 ? { on: "row", card, row } : { on: "card", card };
  }
  const link = linkAt(canvas, x, y);
  if (link !== undefined) return { on: "link", id: link };
  const index = graph._groups.findLastIndex(
    ({ pos, size }) => x >= pos[0] && x <= pos[0] + size[0] && y >= pos[1] && y <= pos[1] + headHeight,
  );
  return index >= 0 ? { on: "group", index } : { on: "nothing" };
}

/** The nearest slot within reach; of two as near that of the upper card. */
export function slotAt(
  canvas: EditorCanvas,
  x: number,
  y: number,
  reach: number,
  tall = 10,
): Extract<Hit, { on: "slot" }> | undefined {
  let nearest: Extract<Hit, { on: "slot" }> | undefined;
  let least = Number.POSITIVE_INFINITY;
  const cards = canvas.projection.graph._nodes as Card[];
  for (let i = cards.length - 1; i >= 0; i--) {
    const card = cards[i];
    const [dx, dy] = [x - card.pos[0], y - card.pos[1]];
    // Between its two slots a reroute must stay to be taken hold of: they are hit from outside rather than from within.
    const outwards = card.look.form === "reroute" ? 3 : 0;
    const near = outwards > 0 ? Math.min(reach, 12) - outwards : reach;
    if (
      dx < -reach ||
      dx > card.size[0] + reach ||
      dy < -headHeight ||
      dy > card.size[1] + reach ||
      card.flags.collapsed
    )
      continue;
    for (const side of ["input", "output"] as const) {
      const slots = side === "input" ? card.inputs : card.outputs;
      for (let index = 0; index < slots.length; index++) {
        const [sx, sy] = card.getConnectionPos(side === "input", index);
        if (Math.abs(x - sx + (side === "input" ? outwards : -outwards)) > near || Math.abs(y - sy) > tall) continue;
        const distance = Math.hypot(x - sx, y - sy);
        if (distance >= least) continue;
        least = distance;
        nearest = { on: "slot", card, side, index };
      }
    }
  }
  return nearest;
}

/** A wire near a point. */
function linkAt({ projection, element, view }: EditorCanvas, x: number, y: number): number | undefined {
  const ctx = element.getContext("2d") as CanvasRenderingContext2D;
  const width = 10 / view.scale;
  ctx.save();
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.lineWidth = width;
  const found = wiresOf(projection).find(
    ({ path, box }) => isNear(box, x, y, width + bend) && ctx.isPointInStroke(path, x, y),
  );
  ctx.restore();
  return found?.link.id;
}

/** How far a wire swings out beyond its ends. */
const bend = 140;
const isNear = ([left, top, width, height]: Box, x: number, y: number, reach: number): boolean =>
  x >= left - reach && x <= left + width + reach && y >= top - reach && y <= top + height + reach;
