/** The right edge of a note sets how wide its text runs. */
import { grid, snapped } from "../card.ts";
import type { Begin } from "./gesture.ts";

export const widenNote: Begin<"edge", "host"> = ({ host }, { card: { id, pos } }) => {
  const stroke = `width ${id} ${performance.now()}`;
  return {
    move: ({ canvas: [x] }) => host.widen(id, Math.max(grid, snapped(x - pos[0])), stroke),
    click: () => host.select(new Set([id])),
  };
};
