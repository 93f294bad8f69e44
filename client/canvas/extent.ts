/** A card as a layout sees it: how large it is, and where its wires end. */
import type { Extent } from "../edit/arrange.ts";
import type { Card } from "./card.ts";

export function extentOf(card: Card): Extent {
  const { head } = card;
  const heights = (isInput: boolean): Record<string, number> =>
    Object.fromEntries(
      (isInput ? card.inputs : card.outputs).map(({ name }, i) => [
        name,
        card.getConnectionPos(isInput, i)[1] - card.pos[1] + head,
      ]),
    );
  const [, , width, height] = card.box;
  return {
    width,
    height,
    head,
    shows: card.look.shows,
    inputs: heights(true),
    outputs: heights(false),
  };
}
