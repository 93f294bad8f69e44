/** Cards and groups follow the pointer, on the grid; the document learns of it when they are put down. */
import type { Point } from "../../edit/graph.ts";
import { snapped } from "../card.ts";
import { emptyHand } from "../hand.ts";
import type { Gesture } from "./gesture.ts";
import type { Stage } from "./stage.ts";

export type Mover = Pick<Stage, "host" | "cards" | "groups" | "hold" | "place">;

type Places = ReadonlyMap<number, Point>;

export function move(stage: Mover, chosen: readonly number[], indices: readonly number[], click: () => void): Gesture {
  const free = chosen.flatMap((id) => stage.cards.get(id) ?? []).filter(({ look }) => !look.pinned);
  const ids = new Set(free.map(({ id }) => id));
  const cards: Places = new Map(free.map((card) => [card.id, placeOf(card)]));
  const groups: Places = new Map(indices.map((index) => [index, placeOf(stage.groups[index])]));
  let start: Point | undefined;
  let by: Point = [0, 0];
  const moved = (places: Places): Places => new Map([...places].map(([key, [x, y]]) => [key, [x + by[0], y + by[1]]]));
  return {
    move({ canvas: [x, y] }) {
      start ??= [x, y];
      by = [snapped(x - start[0]), snapped(y - start[1])];
      stage.hold({ holds: "cards", ids });
      stage.place(moved(cards), moved(groups));
    },
    click,
    drop() {
      stage.hold(emptyHand);
      stage.host.move(moved(cards), moved(groups));
    },
    cancel() {
      stage.place(cards, groups);
      stage.hold(emptyHand);
    },
  };
}

const placeOf = ({ pos }: { readonly pos: Float32Array }): Point => [pos[0], pos[1]];
