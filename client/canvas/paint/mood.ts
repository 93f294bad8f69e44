/** How a card stands to what is selected and to what is in hand. */
import type { Card } from "../card.ts";
import type { Scene } from "../scene.ts";

export interface CardMood {
  readonly selected: boolean;
  /** While a wire is held: what does not fit fades. */
  readonly dimmed: boolean;
  /** Slots that the held wire fits. */
  readonly glowing: ReadonlySet<string>;
}

const none: ReadonlySet<string> = new Set();

export function moodOf(card: Card, { selection, hand }: Scene): CardMood {
  const selected = selection.has(card.id);
  if (hand.holds !== "wire") return { selected, dimmed: false, glowing: none };
  const slots = (side: "inputs" | "outputs") =>
    card[side].map(({ name }) => `${side} ${name}`).filter((slot) => hand.fitting.has(`${card.id} ${slot}`));
  const glowing = [...slots("inputs"), ...slots("outputs")];
  return { selected, dimmed: glowing.length === 0, glowing: new Set(glowing) };
}
