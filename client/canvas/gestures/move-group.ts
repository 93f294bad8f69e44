/** A group takes along what lies inside it. */
import type { Card } from "../card.ts";
import type { Begin } from "./gesture.ts";
import { type Mover, move } from "./move.ts";

export const moveGroup: Begin<"group", keyof Mover> = (stage, { index }) => {
  const { pos, size } = stage.groups[index];
  const isInside = ({ pos: [x, y], size: [w] }: Card) =>
    x >= pos[0] && x + w <= pos[0] + size[0] && y >= pos[1] && y <= pos[1] + size[1];
  const ids = [...stage.cards.values()].filter(isInside).map(({ id }) => id);
  return move(stage, ids, [index], () => stage.host.select(new Set(ids)));
};
