/**
 * Places nodes that nobody has placed: columns along the wires, a chain folded into one column while it fits, so that a
 * whole sampler is readable without zooming out. `boxes` are the true sizes of the cards, head included.
 */
import type { Graph } from "../../graphs/document/index.ts";
import type { Point } from "./graph.ts";

export interface Extent {
  readonly width: number;
  readonly height: number;
  /** A node with a picture begins a column of its own. */
  readonly shows: boolean;
}

const [gapX, gapY] = [56, 28];
const headHeight = 28;
const columnHeight = 800;

export function arrange(graph: Graph, extents: ReadonlyMap<number, Extent>): Map<number, Point> {
  const columns = folded(graph, layers(graph), extents);
  const positions = new Map<number, Point>();
  const middle = new Map<number, number>();
  const heights = columns.map((ids) => heightOf(ids, extents));
  const tallest = Math.max(...heights, 0);
  let x = 0;
  for (const [i, ids] of columns.entries()) {
    const feeders = (id: number) =>
      graph.links.filter(({ to }) => to === id).flatMap(({ from }) => middle.get(from) ?? []);
    const wish = (id: number) => mean(feeders(id)) ?? Number.POSITIVE_INFINITY;
    const rank = layerRank(graph, ids, extents);
    const sorted = [...ids].sort((a, b) => rank(a) - rank(b) || wish(a) - wish(b) || ids.indexOf(a) - ids.indexOf(b));
    let y = Math.max(0, (tallest - heights[i]) / 2);
    for (const id of sorted) {
      const { height } = extents.get(id) as Extent;
      positions.set(id, [x, Math.round((y + headHeight) / 8) * 8]);
      middle.set(id, y + height / 2);
      y += height + gapY;
    }
    x += Math.max(...ids.map((id) => extents.get(id)?.width ?? 0)) + gapX;
  }
  return positions;
}

const mean = (values: readonly number[]) =>
  values.length > 0 ? values.reduce((a, b) => a + b, 0) / values.length : undefined;

const heightOf = (ids: readonly number[], extents: ReadonlyMap<number, Extent>) =>
  ids.reduce((sum, id) => sum + (extents.get(id)?.height ?? 0) + gapY, -gapY);

/** Within a folded column what feeds stands above what it feeds. */
function layerRank(graph: Graph, ids: readonly number[], extents: ReadonlyMap<number, Extent>): (id: number) => number {
  const inside = graph.links.filter(({ from, to }) => ids.includes(from) && ids.includes(to));
  const rank = new Map(ids.map((id) => [id, 0]));
  for (let round = 0; round < ids.length; round++)
    for (const { from, to } of inside)
      rank.set(to, Math.max(rank.get(to) ?? 0, Math.min(ids.length, (rank.get(from) ?? 0) + 1)));
  // What nobody reads stands at the end, pictures before files.
  return (id) => (hasReaders(graph, id) ? (rank.get(id) ?? 0) : ids.length + (extents.get(id)?.shows ? 0 : 1));
}

/** By the longest way from the left; what nothing feeds stands one before its first reader. */
function layers({ nodes, links }: Graph): number[][] {
  const depth = new Map(nodes.map(({ id }) => [id, 0]));
  for (let round = 0; round < nodes.length; round++) {
    let moved = false;
    for (const { from, to } of links) {
      const least = (depth.get(from) ?? 0) + 1;
      if (least > (depth.get(to) ?? 0) && least <= nodes.length) {
        depth.set(to, least);
        moved = true;
      }
    }
    if (!moved) break;
  }
  for (const { id } of nodes) {
    if (links.some(({ to }) => to === id)) continue;
    const readers = links.filter(({ from }) => from === id).map(({ to }) => depth.get(to) ?? 0);
    if (readers.length > 0) depth.set(id, Math.max(0, Math.min(...readers) - 1));
  }
  const count = Math.max(-1, ...depth.values()) + 1;
  return Array.from({ length: count }, (_, i) =>
    nodes.filter(({ id }) => depth.get(id) === i).map(({ id }) => id),
  ).filter((ids) => ids.length > 0);
}

/** Joins neighbouring columns that few wires connect, as long as the result is not too tall. */
function folded(graph: Graph, layers: readonly number[][], extents: ReadonlyMap<number, Extent>): number[][] {
  const columns: number[][] = [];
  for (const layer of layers) {
    const last = columns.at(-1);
    const joined = [...(last ?? []), ...layer];
    const between = last ? graph.links.filter(({ from, to }) => last.includes(from) && layer.includes(to)).length : 0;
    const isHub = (ids: readonly number[]) => ids.some((id) => extents.get(id)?.shows && hasReaders(graph, id));
    if (last && between <= 2 && heightOf(joined, extents) <= columnHeight && !isHub(last) && !isHub(layer))
      columns[columns.length - 1] = joined;
    else columns.push([...layer]);
  }
  return columns;
}
const hasReaders = ({ links }: Graph, id: number) => links.some(({ from }) => from === id);

/** Whether cards lie on each other: then nobody has placed them for the sizes they have here. */
export function overlaps(boxes: readonly (readonly [x: number, y: number, width: number, height: number])[]): boolean {
  return boxes.some(([ax, ay, aw, ah], i) =>
    boxes.slice(i + 1).some(([bx, by, bw, bh]) => ax < bx + bw && bx < ax + aw && ay < by + bh && by < ay + ah),
  );
}
