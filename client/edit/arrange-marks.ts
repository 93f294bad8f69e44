/** Where reroutes and notes lie among nodes that have their places: out of the way, and no further than that. */
import { type Graph, graphSlot, realReaders, realSource } from "../../graphs/document/index.ts";
import type { Point } from "./graph.ts";

/** Left, top, width, height on the canvas. */
export type Placed = readonly [x: number, y: number, width: number, height: number];

const [aside, gap] = [24, 28];
export const onGrid = (value: number): number => Math.round(value / 8) * 8;
export const pointOnGrid = ([x, y]: Point): Point => [onGrid(x), onGrid(y)];

/** The upper left corner of a reroute: its wire is led round whatever lies on the straight way. */
export function placeReroute(
  graph: Graph,
  id: number,
  [width, height]: readonly [number, number],
  nodes: ReadonlyMap<number, Placed>,
): Point {
  const source = realSource(graph, { node: id, slot: graphSlot });
  const [reader] = realReaders(graph, { node: id, slot: graphSlot });
  const [from, to] = [source && nodes.get(source.node), reader && nodes.get(reader.node)];
  const start: Point = from ? [from[0] + from[2], from[1] + from[3] / 2] : to ? [to[0] - 120, to[1]] : [0, 0];
  const end: Point = to ? [to[0], to[1] + to[3] / 2] : [start[0] + 120, start[1]];
  const lineAt = (x: number) => start[1] + ((end[1] - start[1]) * (x - start[0])) / (end[0] - start[0] || 1);
  const between = [...nodes.values()].filter(([x, y, w, h]) => {
    const line = lineAt(x + w / 2);
    return x >= start[0] && x + w <= end[0] && y - height <= line && line <= y + h + height;
  });
  const corner = (x: number, y: number): Point => [onGrid(x - width / 2), onGrid(y - height / 2)];
  if (between.length === 0) return corner((start[0] + end[0]) / 2, (start[1] + end[1]) / 2);
  const right = Math.max(...between.map(([x, , w]) => x + w));
  const above = Math.min(...between.map(([, y]) => y)) - aside;
  const below = Math.max(...between.map(([, y, , h]) => y + h)) + aside;
  // At its far end, so that the wire comes up again where nothing lies any more.
  const x = right - width / 2;
  return corner(x, lineAt(x) - above < below - lineAt(x) ? above : below);
}

/** From the end of one card to the beginning of another. */
export type StraightWire = readonly [from: Point, to: Point];

/** Hiding a wire is worse than a larger picture of the whole. */
const hiddenWire = 400;

/** The upper left corner of a note: over the nodes or under them, wherever the whole grows least and no wire is hidden. */
export function placeNote(
  [width, height]: readonly [number, number],
  taken: readonly Placed[],
  wires: readonly StraightWire[] = [],
): Point {
  if (taken.length === 0) return [0, 0];
  const left = Math.min(...taken.map(([x]) => x));
  const right = Math.max(...taken.map(([x, , w]) => x + w));
  const top = Math.min(...taken.map(([, y]) => y));
  const bottom = Math.max(...taken.map(([, y, , h]) => y + h));
  const starts = [...new Set(taken.map(([x]) => onGrid(x)))].sort((a, b) => a - b);
  const candidates = starts.flatMap((x) => {
    const beside = taken.filter(([tx, , w]) => tx < x + width && tx + w > x);
    const under = onGrid(Math.max(...beside.map(([, y, , h]) => y + h)) + gap);
    const over = onGrid(Math.min(...beside.map(([, y]) => y)) - gap - height);
    return [over, under].map((y) => ({
      at: [x, y] as const,
      price:
        Math.max(0, x + width - right) +
        Math.max(0, left - x) +
        Math.max(0, y + height - bottom, top - y) +
        hiddenWire * wires.filter((wire) => passes(wire, [x, y, width, height])).length,
    }));
  });
  return candidates.reduce((best, one) => (one.price < best.price ? one : best)).at;
}

/** Whether a wire, drawn as one draws it, goes through a box. */
function passes([[ax, ay], [bx, by]]: StraightWire, [x, y, width, height]: Placed): boolean {
  for (let t = 0; t <= 1; t += 1 / 24) {
    const [px, py] = [ax + (bx - ax) * t, ay + (by - ay) * t * t * (3 - 2 * t)];
    if (px > x - 8 && px < x + width + 8 && py > y - 8 && py < y + height + 8) return true;
  }
  return false;
}
