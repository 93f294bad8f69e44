/** A box takes the cards that it touches. */
import { emptyHand } from "../hand.ts";
import type { Box } from "../view.ts";
import type { Gesture, Press } from "./gesture.ts";
import type { Stage } from "./stage.ts";

export function marquee(
  stage: Pick<Stage, "hold" | "cards" | "selection" | "host">,
  { at: { canvas: start }, shift }: Press,
): Gesture {
  let box: Box = [...start, 0, 0];
  return {
    move({ canvas: [x, y] }) {
      box = [Math.min(start[0], x), Math.min(start[1], y), Math.abs(x - start[0]), Math.abs(y - start[1])];
      stage.hold({ holds: "box", box });
    },
    drop() {
      stage.hold(emptyHand);
      const hits = [...stage.cards.values()].filter((card) => touch(card.box, box));
      stage.host.select(new Set([...(shift ? stage.selection : []), ...hits.map(({ id }) => id)]));
    },
    cancel: () => stage.hold(emptyHand),
  };
}

const touch = ([x, y, w, h]: Box, [left, top, width, height]: Box): boolean =>
  x < left + width && x + w > left && y < top + height && y + h > top;
