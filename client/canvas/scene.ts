/** What is to be seen beside the graph itself: what is selected, what runs, what is in hand. */
import type { Theme } from "../look/theme.ts";
import { emptyHand, type Hand } from "./hand.ts";
import type { Live } from "./live.ts";

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
