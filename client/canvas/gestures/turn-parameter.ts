/** A click edits a parameter; a pull turns its number: along its range, else by a step every few pixels. */
import { isNumeric } from "../../../nodes/kinds.ts";
import { rangeOf, steppedBy } from "../../edit/parameters.ts";
import type { Begin } from "./gesture.ts";

/** So far the pointer goes for one step of a number without a range. */
const pixelsPerStep = 4;

export const turnParameter: Begin<"row", "host" | "selection" | "view" | "toScreen"> = (stage, hit, press) => {
  const { host } = stage;
  const { id, pos, look } = hit.card;
  const { name, kind, parameter, value } = look.rows[hit.row];
  if (!stage.selection.has(id) && !press.shift) host.select(new Set([id]));
  const range = rangeOf({ parameter, kind });
  const stroke = `${id} ${name} ${performance.now()}`;
  const [left, top, width, height] = hit.card.field(hit.row);
  let last = value;
  const at = (x: number, moved: number): number => {
    if (!range) return steppedBy({ parameter, value }, Math.round(moved / pixelsPerStep));
    const part = Math.max(0, Math.min(1, (x - pos[0] - left) / width));
    const exact = range[0] + part * (range[1] - range[0]);
    const step = parameter.integer ? 1 : (range[1] - range[0]) / 100;
    return Number((Math.round(exact / step) * step).toPrecision(6));
  };
  return {
    move({ canvas: [x], screen }) {
      if (!isNumeric(kind)) return;
      const next = at(x, screen[0] - press.at.screen[0]);
      if (next !== last) host.set(id, name, next, stroke);
      last = next;
    },
    click() {
      if (kind === "boolean") return host.set(id, name, value !== true);
      const { scale } = stage.view;
      const [x, y] = stage.toScreen([pos[0] + left, pos[1] + top]);
      host.edit(id, name, [x, y, width * scale, height * scale]);
    },
  };
};
