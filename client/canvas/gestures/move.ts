/** Cards and groups follow the pointer, on the grid; the document learns of it when they are put down. */
import type { Point } from "../../edit/graph.ts";
import { snapped } from "../card.ts";
import { emptyHand } from "../hand.ts";
import type { Gesture } from "./gesture.ts";
import type { Stage } from "./stage.ts";

export type Mover = Pick<Stage, "host" | "cards" | "groups" | "hold" | "place">;

export function move(stage: Mover, chosen: readonly number[], groups: readonly number[], click: () => void): Gesture {
  const ids = new Set(chosen.filter((id) => stage.cards.get(id)?.look.pinned === false));
  const placesOf = (keys: Iterable<number>, at: (key: number) => ArrayLike<number>) =>
    new Map([...keys].map((key): [number, Point] => [key, [at(key)[0], at(key)[1]]]));
  const cardsFrom = placesOf(ids, (id) => stage.cards.get(id)?.pos ?? [0, 0]);
  const groupsFrom = placesOf(groups, (index) => stage.groups[index].pos);
  let start: Point | undefined;
  let by: Point = [0, 0];
  const moved = (from: ReadonlyMap<number, Point>) =>
    new Map([...from].map(([key, [x, y]]): [number, Point] => [key, [x + by[0], y + by[1]]]));
  return {
    move({ canvas: [x, y] }) {
      start ??= [x, y];
      by = [snapped(x - start[0]), snapped(y - start[1])];
      stage.hold({ holds: "cards", ids });
      stage.place(moved(cardsFrom), moved(groupsFrom));
    },
    click,
    drop() {
      stage.hold(emptyHand);
      stage.host.move(moved(cardsFrom), moved(groupsFrom));
    },
    cancel() {
      stage.place(cardsFrom, groupsFrom);
      stage.hold(emptyHand);
    },
  };
}
