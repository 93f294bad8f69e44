/** A card as a layout sees it: how large it is, and where its wires end. */
import type { Extent } from "../edit/arrange.ts";
import { type Card, headHeight } from "./card.ts";

export function extentOf(card: Card): Extent {
  const heights = (isInput: boolean): Record<string, number> =>
    Object.fromEntries(
      (isInput ? card.inputs : card.outputs).map(({ name }, i) => [
        name,
        card.getConnectionPos(isInput, i)[1] - card.pos[1] + headHeight,
      ]),
    );
  const { size, flags } = card;
  return {
    width: flags.collapsed ? (card._collapsed_width ?? size[0]) : size[0],
    height: headHeight + (flags.collapsed ? 0 : size[1]),
    shows: card.look.shows,
    inputs: heights(true),
    outputs: heights(false),
  };
}
