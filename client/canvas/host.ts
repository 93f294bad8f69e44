/** What the canvas asks of the editor around it. Every change of the document goes out through here. */
import type { Point } from "../edit/graph.ts";
import type { LooseEnd, Wish } from "../edit/wish.ts";

export interface Spot {
  /** In CSS pixels of the window. */
  readonly screen: Point;
  /** On the canvas. */
  readonly canvas: Point;
}

export type MenuTarget =
  | { readonly on: "node"; readonly id: number }
  | { readonly on: "link"; readonly id: number }
  | { readonly on: "group"; readonly index: number }
  | { readonly on: "canvas" };

export type HoverTarget =
  | { readonly on: "slot"; readonly id: number; readonly side: "input" | "output"; readonly name: string }
  | { readonly on: "card"; readonly id: number }
  | { readonly on: "link"; readonly id: number };

export interface CanvasHost {
  refusal(held: LooseEnd, node: number, slot: string): string | undefined;
  /** Why a wire whose kinds fit does not, by what is known of both ends. */
  judge(wish: Wish): Promise<string | undefined>;
  bestSlot(held: LooseEnd, node: number): string | undefined;
  select(ids: ReadonlySet<number>): void;
  /** Edits with one `stroke` are one undo step. */
  move(positions: ReadonlyMap<number, Point>, groups: ReadonlyMap<number, Point>, stroke?: string): void;
  widen(id: number, width: number, stroke: string): void;
  /** Puts a reroute into a wire; it takes the selection. Gives its id. */
  reroute(link: number, at: Point, stroke: string): number | undefined;
  /** Where it fits; `instead`: the wire whose end was moved. */
  connect(wish: Wish, instead?: number): void;
  disconnect(link: number): void;
  renameGroup(index: number, box: readonly [number, number, number, number]): void;
  open(id: number): void;
  /** The palette; with a wire in hand, only what takes it. */
  palette(at: Spot, held?: LooseEnd): void;
  menu(at: Spot, target: MenuTarget): void;
  /** A parameter was clicked; `box` is its field in CSS pixels of the window. */
  edit(id: number, name: string, box: readonly [number, number, number, number]): void;
  /** A note is written where it stands. */
  write(id: number): void;
  set(id: number, name: string, value: unknown, stroke?: string): void;
  /** What the pointer rests on. */
  hover(target: HoverTarget | undefined, screen: Point): void;
  /** The reason why the wire in hand does not fit where the pointer is. */
  tip(text: string | undefined, screen: Point): void;
  viewed(): void;
  /** CSS pixels at the lower edge of the canvas that a run will still take, for its entry and its film. */
  reserved(): number;
  /** A run is at work, or its pictures are shown. */
  isRunning(): boolean;
}
