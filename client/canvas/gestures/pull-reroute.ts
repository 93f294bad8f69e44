/** A point put into a wire, and in hand until the pointer is lifted. */
import { rerouteSize } from "../../edit/reroute.ts";
import { snapped } from "../card.ts";
import type { Begin } from "./gesture.ts";

export const pullReroute: Begin<"link", "host"> = ({ host }, { id: link }, { at }) => {
  const stroke = `reroute ${link} ${performance.now()}`;
  const id = host.reroute(link, at.canvas, stroke);
  const [dx, dy] = [rerouteSize[0] / 2, rerouteSize[1] / 2];
  return {
    move({ canvas: [x, y] }) {
      if (id !== undefined) host.move(new Map([[id, [snapped(x - dx), snapped(y - dy)]]]), new Map(), stroke);
    },
  };
};
