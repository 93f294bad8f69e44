/** A wire in hand, pulled or tapped: what it fits glows, and what it does not fit says why. */
import { heldName } from "../../edit/fit.ts";
import type { Point } from "../../edit/graph.ts";
import { type LooseEnd, type Wish, wishFrom } from "../../edit/wish.ts";
import type { Card } from "../card.ts";
import { emptyHand } from "../hand.ts";
import type { SlotEnd } from "../hit.ts";
import type { Stage } from "./stage.ts";

/** Where the loose end is: at a slot that takes it, refused, or nowhere. */
export interface Aim {
  readonly to: Point;
  readonly wish?: Wish;
  readonly reason?: string;
}

export type Wirer = Pick<Stage, "host" | "cards" | "hold">;

export class WireInHand {
  readonly loose: LooseEnd;
  readonly #stage: Wirer;
  readonly #from: Point;
  readonly #fitting: ReadonlySet<string>;
  readonly #lifted: number | undefined;

  /** `lifted`: the link that it was until it was taken in hand. */
  constructor(stage: Wirer, { card, side, index, name }: SlotEnd, lifted?: number) {
    this.#stage = stage;
    this.#lifted = lifted;
    this.#from = card.slotPlace(side, index);
    const { type } = card[`${side}s`][index];
    const meaning = card.look[`${side}s`][index]?.meaning;
    this.loose = { node: card.id, slot: name, side, kind: String(type), ...(meaning && { meaning }) };
    this.#fitting = fittingSlots(stage, this.loose);
    this.show({ to: this.#from });
  }

  /** At a card: at this slot of it, or at the one that fits best. */
  aim(card: Card, at: Point, slot = this.#stage.host.bestSlot(this.loose, card.id)): Aim {
    if (slot === undefined) return { to: at, reason: noneFits(card, this.loose) };
    const side = this.loose.side === "output" ? "input" : "output";
    const index = card[`${side}s`].findIndex(({ name }) => name === slot);
    const to = index < 0 ? placeOfRow(card, slot) : card.slotPlace(side, index);
    const reason = this.#stage.host.refusal(this.loose, card.id, slot);
    return reason === undefined ? { to, wish: wishFrom(this.loose, card.id, slot) } : { to, reason };
  }

  show({ to, reason }: Aim): void {
    this.#stage.hold({
      holds: "wire",
      from: this.#from,
      to,
      loose: this.loose,
      isRefused: reason !== undefined,
      fitting: this.#fitting,
      lifted: this.#lifted,
    });
  }

  letGo(): void {
    this.#stage.hold(emptyHand);
    this.#stage.host.tip(undefined, [0, 0]);
  }
}

/** Where a parameter that is no slot yet would have one: at the edge, beside its field. */
function placeOfRow(card: Card, name: string): Point {
  const [, y, , height] = card.field(card.look.rows.findIndex((row) => row.name === name));
  return [card.pos[0], card.pos[1] + y + height / 2];
}

const noneFits = ({ look }: Card, loose: LooseEnd): string =>
  `${look.title} has no ${loose.side === "output" ? "input" : "output"} for this. The wire carries: ${heldName(loose)}.`;

function fittingSlots({ cards, host }: Wirer, loose: LooseEnd): ReadonlySet<string> {
  const side = loose.side === "output" ? "inputs" : "outputs";
  const fits = new Set([`${loose.node} ${loose.side}s ${loose.slot}`]);
  for (const card of cards.values())
    for (const { name } of card[side])
      if (host.refusal(loose, card.id, name) === undefined) fits.add(`${card.id} ${side} ${name}`);
  return fits;
}
