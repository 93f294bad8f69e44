/** What is to be seen beside the graph itself: what is selected, what runs, what is in hand. */
import type { Theme } from "../look/theme.ts";
import type { Card } from "./card.ts";
import { emptyHand, type Hand } from "./hand.ts";
import type { Live } from "./live.ts";
import type { CardMood } from "./pen.ts";

export interface Scene {
  readonly theme: Theme;
  readonly selection: ReadonlySet<number>;
  /** By the node that it is said of. */
  readonly live: ReadonlyMap<number, Live>;
  /** Wires into these nodes flow. */
  readonly flowing: ReadonlySet<number>;
  readonly hoveredLink: number | undefined;
  readonly hand: Hand;
}

export const emptyScene: Scene = {
  theme: "dark",
  selection: new Set(),
  live: new Map(),
  flowing: new Set(),
  hoveredLink: undefined,
  hand: emptyHand,
};

const none: ReadonlySet<string> = new Set();

export function moodOf(card: Card, { selection, hand }: Scene): CardMood {
  const selected = selection.has(card.id);
  if (hand.holds !== "wire") return { selected, dimmed: false, glowing: none };
  const slots = (side: "inputs" | "outputs") =>
    card[side].map(({ name }) => `${side} ${name}`).filter((slot) => hand.fitting.has(`${card.id} ${slot}`));
  const glowing = [...slots("inputs"), ...slots("outputs")];
  return { selected, dimmed: glowing.length === 0, glowing: new Set(glowing) };
}
