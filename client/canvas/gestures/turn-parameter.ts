/** A click edits a parameter; a pull along a range turns it. */
import { rangeOf } from "../../edit/parameters.ts";
import type { Begin } from "./gesture.ts";

export const turnParameter: Begin<"row", "host" | "selection" | "view" | "toScreen"> = (stage, hit, { shift }) => {
  const { host } = stage;
  const { id, pos, look } = hit.card;
  const { name, kind, parameter, value } = look.rows[hit.row];
  if (!stage.selection.has(id) && !shift) host.select(new Set([id]));
  const range = rangeOf({ parameter, kind });
  const stroke = `${id} ${name} ${performance.now()}`;
  const [left, top, width, height] = hit.card.field(hit.row);
  return {
    move({ canvas: [x] }) {
      if (!range) return;
      const part = Math.max(0, Math.min(1, (x - pos[0] - left) / width));
      const exact = range[0] + part * (range[1] - range[0]);
      const step = parameter.integer ? 1 : (range[1] - range[0]) / 100;
      const next = Number((Math.round(exact / step) * step).toPrecision(6));
      if (next !== value) host.set(id, name, next, stroke);
    },
    click() {
      if (kind === "boolean") return host.set(id, name, value !== true);
      const { scale } = stage.view;
      const [x, y] = stage.toScreen([pos[0] + left, pos[1] + top]);
      host.edit(id, name, [x, y, width * scale, height * scale]);
    },
  };
};
