/** What is in sight: cards and wires that a frame has to paint, those that stand still before those that move. */
import type { Card } from "../card.ts";
import type { Projection } from "../project.ts";
import type { Scene } from "../scene.ts";
import type { Box } from "../view.ts";
import { type LaidWire, wiresOf } from "../wires.ts";

export interface Visible {
  readonly cards: Sorted<Card>;
  readonly wires: Sorted<LaidWire>;
}
export interface Sorted<T> {
  readonly standing: readonly T[];
  readonly moving: readonly T[];
}

/** How far a shadow, a ring or the bend of a wire reaches beyond what it belongs to. */
const [cardMargin, wireMargin] = [20, 40];

export function visibleIn(projection: Projection, area: Box, { hand }: Scene): Visible {
  const moves = (id: number) => hand.holds === "cards" && hand.ids.has(id);
  const bounds = new Float32Array(4);
  const cards = (projection.graph._nodes as Card[]).filter((card) =>
    overlap(area, card.getBounding(bounds), cardMargin),
  );
  const wires = wiresOf(projection).filter(
    ({ link, box }) => (hand.holds !== "wire" || link.id !== hand.lifted) && overlap(area, box, wireMargin),
  );
  return {
    cards: sorted(cards, ({ id }) => moves(id)),
    wires: sorted(wires, ({ link }) => moves(link.origin_id) || moves(link.target_id)),
  };
}

function sorted<T>(things: readonly T[], moves: (thing: T) => boolean): Sorted<T> {
  return { standing: things.filter((thing) => !moves(thing)), moving: things.filter(moves) };
}

const overlap = ([left, top, width, height]: Box, [x, y, w, h]: Box | Float32Array, margin: number): boolean =>
  x < left + width + margin && y < top + height + margin && x + w > left - margin && y + h > top - margin;
