/** What a gesture may see of the canvas, and do to it. Changes of the document are the host's. */
import type { LGraphGroup } from "litegraph.js/build/litegraph.core.js";
import type { Point } from "../../edit/graph.ts";
import type { Card } from "../card.ts";
import type { Hand } from "../hand.ts";
import type { Hit, Reach, SlotEnd } from "../hit.ts";
import type { CanvasHost } from "../host.ts";
import type { View } from "../view.ts";

export interface Stage {
  readonly host: CanvasHost;
  readonly cards: ReadonlyMap<number, Card>;
  readonly groups: readonly LGraphGroup[];
  readonly selection: ReadonlySet<number>;
  view: View;
  /** About a point of the window. */
  zoom(factor: number, about: Point): void;
  toCanvas(screen: Point): Point;
  toScreen(at: Point): Point;
  hitAt(at: Point, reach?: Reach): Hit;
  slotAt(at: Point, reach?: Reach): SlotEnd | undefined;
  cardAt(at: Point): Card | undefined;
  /** The output that a link comes from. */
  outputOf(link: number): SlotEnd;
  hold(hand: Hand): void;
  /** Puts cards and groups elsewhere, before the document knows. */
  place(cards: ReadonlyMap<number, Point>, groups: ReadonlyMap<number, Point>): void;
  /** Above all other cards. */
  raise(card: Card): void;
  /** Marks the link that the pointer is on. */
  mark(link: number | undefined): void;
  point(cursor: string): void;
}
