/** What a click or a double click opens. */
import { type Begin, onceLifted } from "./gesture.ts";

export const openOnClick: Begin<"opener", "host"> = ({ host }, { card }) => ({ click: () => host.open(card.id) });

export const openInside: Begin<"card", "host"> = ({ host }, { card }) => onceLifted(() => host.open(card.id));

/** A note's, written where it stands. */
export const openText: Begin<"card", "host"> = ({ host }, { card }) => onceLifted(() => host.write(card.id));

/** A group's, which becomes a field where it is painted. */
export const openTitle: Begin<"group", "host" | "groups" | "view" | "toScreen"> = (stage, { index }) =>
  onceLifted(() => {
    const { pos, size } = stage.groups[index];
    const [x, y] = stage.toScreen([pos[0] + 6, pos[1] + 4]);
    const { scale } = stage.view;
    stage.host.renameGroup(index, [x, y, Math.max(120, (size[0] - 12) * scale), 24]);
  });

export const openFinder: Begin<"nothing", "host"> = ({ host }, _, { at }) => onceLifted(() => host.palette(at));
