/** What is to be seen beside the graph itself: what is selected, what runs, what is in hand. */
import type { Theme } from "../look/theme.ts";
import type { Card } from "./card.ts";
import type { Live } from "./live.ts";
import type { CardMood } from "./pen.ts";

export interface Scene {
  theme: Theme;
  selection: ReadonlySet<number>;
  /** By the node that it is said of. */
  live: ReadonlyMap<number, Live>;
  /** Wires into these nodes flow. */
  running: ReadonlySet<number>;
  hoveredLink: number | undefined;
  /** Nodes that follow the pointer. */
  moving: ReadonlySet<number>;
  /** What fits the wire in hand, as "node side slot"; absent while none is held. */
  fitting: ReadonlySet<string> | undefined;
  held: HeldWire | undefined;
  /** The link whose end is in hand. */
  lifted: number | undefined;
  box: readonly [number, number, number, number] | undefined;
}

export interface HeldWire {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly kind: string;
  readonly meaning?: string;
  readonly refused: boolean;
  readonly reversed: boolean;
}

export const emptyScene = (): Scene => ({
  theme: "dark",
  selection: new Set(),
  live: new Map(),
  running: new Set(),
  hoveredLink: undefined,
  moving: new Set(),
  fitting: undefined,
  held: undefined,
  lifted: undefined,
  box: undefined,
});

const none: ReadonlySet<string> = new Set();

export function moodOf(card: Card, { selection, fitting, held }: Scene): CardMood {
  const selected = selection.has(card.id);
  if (!fitting || !held) return { selected, dimmed: false, glowing: none };
  const slots = (side: "inputs" | "outputs") =>
    card[side].map(({ name }) => `${side} ${name}`).filter((slot) => fitting.has(`${card.id} ${slot}`));
  const glowing = [...slots("inputs"), ...slots("outputs")];
  return { selected, dimmed: glowing.length === 0, glowing: new Set(glowing) };
}
