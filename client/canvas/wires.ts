/** The wires of a graph as they lie: a path is made anew only when a card at its end is another or elsewhere. */
import type { LLink } from "litegraph.js/build/litegraph.core.js";
import type { Card } from "./card.ts";
import type { Projection } from "./project.ts";
import type { Box } from "./view.ts";
import { type WirePath, wirePath } from "./wire-path.ts";

export interface LaidWire extends WirePath {
  readonly link: LLink;
  readonly from: Card;
  readonly to: Card;
  /** Round both ends and the middle. */
  readonly box: Box;
  readonly ends: Ends;
}
type Ends = readonly [fromX: number, fromY: number, toX: number, toY: number];

const laid = new WeakMap<LLink, LaidWire>();

/** In the order of the nodes that they enter. */
export function wiresOf({ graph, cards }: Projection): LaidWire[] {
  return graph._nodes.flatMap((to) =>
    to.inputs.flatMap(({ link: id }) => {
      const link = id == null ? undefined : graph.links[id];
      const from = link && cards.get(link.origin_id);
      if (!link || !from) return [];
      const wire = laidOut(laid.get(link), link, from, to as Card);
      laid.set(link, wire);
      return [wire];
    }),
  );
}

const [start, end] = [new Float32Array(2), new Float32Array(2)];

function laidOut(before: LaidWire | undefined, link: LLink, from: Card, to: Card): LaidWire {
  const [ax, ay] = from.getConnectionPos(false, link.origin_slot, start);
  const [bx, by] = to.getConnectionPos(true, link.target_slot, end);
  const ends: Ends = [ax, ay, bx, by];
  if (before?.from === from && before.to === to && ends.every((value, i) => value === before.ends[i])) return before;
  const { path, middle } = wirePath(start, end, from, to);
  const [left, right] = [Math.min(ax, bx), Math.max(ax, bx)];
  const [top, bottom] = [Math.min(ay, by, middle[1]), Math.max(ay, by, middle[1])];
  return { link, from, to, path, middle, ends, box: [left, top, right - left, bottom - top] };
}
