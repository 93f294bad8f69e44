/** A card is selected by a press, and moves with all that is selected; with Shift or Ctrl the press adds it or takes it out. */
import type { Begin } from "./gesture.ts";
import { type Mover, move } from "./move.ts";

export const moveCards: Begin<"card", keyof Mover | "selection" | "raise"> = (stage, { card }, { shift, ctrl }) => {
  const { host, selection } = stage;
  const adds = shift || ctrl;
  const was = selection.has(card.id);
  const chosen = new Set(adds || was ? selection : []);
  if (adds && was) chosen.delete(card.id);
  else chosen.add(card.id);
  if (adds || !was) host.select(chosen);
  stage.raise(card);
  return move(stage, [...chosen], [], () => {
    if (!adds && was) host.select(new Set([card.id]));
  });
};
