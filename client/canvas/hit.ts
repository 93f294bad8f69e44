/** What lies under a point of the canvas. */
import type { Point } from "../edit/graph.ts";
import type { Card } from "./card.ts";
import { headHeight } from "./card.ts";
import type { Projection } from "./project.ts";
import type { Box } from "./view.ts";
import { wiresOf } from "./wires.ts";

interface Hits {
  slot: SlotEnd;
  row: { readonly card: Card; readonly row: number };
  /** The sign in the head of what holds a graph. */
  opener: { readonly card: Card };
  /** The right one of a note. */
  edge: { readonly card: Card };
  card: { readonly card: Card };
  link: { readonly id: number };
  /** The head of it. */
  group: { readonly index: number };
  nothing: object;
}
export type HitKind = keyof Hits;
export type Hit<On extends HitKind = HitKind> = { [Kind in On]: { readonly on: Kind } & Hits[Kind] }[On];

export interface SlotEnd {
  readonly card: Card;
  readonly side: "input" | "output";
  readonly index: number;
  readonly name: string;
}

/** How far from its middle a slot is hit, in canvas pixels. */
export interface Reach {
  readonly wide: number;
  readonly tall: number;
}
const mouseReach: Reach = { wide: 12, tall: 10 };

/** What is looked through, and how large it is shown. */
export interface Sought {
  readonly projection: Projection;
  readonly scale: number;
  readonly ctx: CanvasRenderingContext2D;
}

export function hitAt(sought: Sought, at: Point, reach = mouseReach): Hit {
  const { projection } = sought;
  const slot = slotAt(projection, at, reach);
  if (slot) return { on: "slot", ...slot };
  const card = cardAt(projection, at);
  const [x, y] = at;
  if (card) {
    const [dx, dy] = [x - card.pos[0], y - card.pos[1]];
    if (card.look.opens && dy < 0 && dx > card.width - 30) return { on: "opener", card };
    if (card.look.form === "note" && !card.flags.collapsed && dx > card.width - 8) return { on: "edge", card };
    const row = card.flags.collapsed || dy < 0 ? -1 : card.rowAt(dx, dy);
    return row >= 0 ? { on: "row", card, row } : { on: "card", card };
  }
  const link = linkAt(sought, at);
  if (link !== undefined) return { on: "link", id: link };
  const index = projection.graph._groups.findLastIndex(
    ({ pos, size }) => x >= pos[0] && x <= pos[0] + size[0] && y >= pos[1] && y <= pos[1] + headHeight,
  );
  return index >= 0 ? { on: "group", index } : { on: "nothing" };
}

export const cardAt = ({ graph }: Projection, [x, y]: Point): Card | undefined =>
  (graph.getNodeOnPos(x, y) as Card | null) ?? undefined;

/** The nearest slot within reach; of two as near that of the upper card. */
export function slotAt({ graph }: Projection, [x, y]: Point, { wide, tall } = mouseReach): SlotEnd | undefined {
  let nearest: SlotEnd | undefined;
  let least = Number.POSITIVE_INFINITY;
  const cards = graph._nodes as Card[];
  for (let i = cards.length - 1; i >= 0; i--) {
    const card = cards[i];
    const [dx, dy] = [x - card.pos[0], y - card.pos[1]];
    // Between its two slots a reroute must stay to be taken hold of: they are hit from outside rather than from within.
    const outwards = card.look.form === "reroute" ? 3 : 0;
    const near = outwards > 0 ? Math.min(wide, 12) - outwards : wide;
    if (dx < -wide || dx > card.size[0] + wide || dy < -headHeight || dy > card.size[1] + wide || card.flags.collapsed)
      continue;
    for (const side of ["input", "output"] as const) {
      const slots = side === "input" ? card.inputs : card.outputs;
      for (let index = 0; index < slots.length; index++) {
        const [sx, sy] = card.getConnectionPos(side === "input", index);
        if (Math.abs(x - sx + (side === "input" ? outwards : -outwards)) > near || Math.abs(y - sy) > tall) continue;
        const distance = Math.hypot(x - sx, y - sy);
        if (distance >= least) continue;
        least = distance;
        nearest = { card, side, index, name: slots[index].name };
      }
    }
  }
  return nearest;
}

/** A wire near a point. */
function linkAt({ projection, scale, ctx }: Sought, [x, y]: Point): number | undefined {
  const width = 10 / scale;
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

/** The output that a link comes from. */
export function outputOf({ graph }: Projection, link: number): SlotEnd {
  const { origin_id, origin_slot: index } = graph.links[link];
  const card = graph.getNodeById(origin_id) as Card;
  return { card, side: "output", index, name: card.outputs[index].name };
}
