/** What a gesture has in hand: shown beside the document while the gesture lasts, and gone with it. */
import type { Point } from "../edit/graph.ts";
import type { LooseEnd } from "../edit/wish.ts";
import type { Box } from "./view.ts";

export type Hand =
  | { readonly holds: "nothing" }
  /** Nodes that follow the pointer. */
  | { readonly holds: "cards"; readonly ids: ReadonlySet<number> }
  /** A box round what is to be selected. */
  | { readonly holds: "box"; readonly box: Box }
  | HeldWire;

export interface HeldWire {
  readonly holds: "wire";
  /** The end that stays where it is. */
  readonly from: Point;
  readonly to: Point;
  readonly loose: LooseEnd;
  readonly isRefused: boolean;
  /** What it fits, as "node side slot". */
  readonly fitting: ReadonlySet<string>;
  /** The link whose end it is. */
  readonly lifted?: number | undefined;
}

export const emptyHand: Hand = { holds: "nothing" };

/** What stands still looks otherwise with another of these in hand. */
export const standsBy = (hand: Hand): ReadonlySet<unknown> | undefined =>
  hand.holds === "cards" ? hand.ids : hand.holds === "wire" ? hand.fitting : undefined;
