/**
 * Places nodes that nobody has placed: columns along the wires, a chain folded into one column while it fits, so that a
 * whole sampler is readable without zooming out. `boxes` are the true sizes of the cards, head included.
 */
import { type Graph, plainGraph, structures } from "../../graphs/document/index.ts";
import { type Placed, placeNote, placeReroute, type StraightWire } from "./arrange-marks.ts";
import type { Point } from "./graph.ts";
import { type Extent, type Layout, placed } from "./tangle.ts";
import { untangled } from "./untangle.ts";

export type { Extent };

/** Canvas pixels between cards of a column. */
const gapY = 28;
const columnHeight = 800;

/** Positions as a document holds them: the top left of the body, below the head. Reroutes and notes come last. */
export function arrange(graph: Graph, extents: ReadonlyMap<number, Extent>): Map<number, Point> {
  const sizeOf = (id: number): Extent => extents.get(id) as Extent;
  const nodes = inColumns(plainGraph(graph), extents);
  const all = new Map(nodes);
  for (const { id, type } of graph.nodes) {
    if (nodes.has(id) || type !== structures.reroute) continue;
    const { width, height } = sizeOf(id);
    all.set(id, [...placeReroute(graph, id, [width, height], nodes), width, height]);
  }
  const wires = graph.links.flatMap(({ from, output, to, input }): StraightWire[] => {
    const [start, end] = [all.get(from), all.get(to)];
    if (!start || !end) return [];
    const [out, into] = [sizeOf(from).outputs[output] ?? 0, sizeOf(to).inputs[input] ?? 0];
    return [
      [
        [start[0] + start[2], start[1] + out],
        [end[0], end[1] + into],
      ],
    ];
  });
  for (const { id } of graph.nodes) {
    if (all.has(id)) continue;
    const { width, height } = sizeOf(id);
    all.set(id, [...placeNote([width, height], [...all.values()], wires), width, height]);
  }
  return new Map([...all].map(([id, [x, y]]) => [id, [x, Math.round((y + sizeOf(id).head) / 8) * 8]]));
}

function inColumns(graph: Graph, extents: ReadonlyMap<number, Extent>): Map<number, Placed> {
  const sizes = new Map(graph.nodes.map(({ id }) => [id, extents.get(id) as Extent]));
  const starts = [2, 5, 9].map((bundle) => rough(graph, sizes, bundle));
  const places = placed(untangled(starts, graph.links, sizes), sizes);
  return new Map(
    [...sizes].map(([id, { width, height }]) => [id, [...(places.get(id) as Point), width, height] as const]),
  );
}

/** Columns in the order of what feeds them, each in the middle of the tallest. */
function rough(graph: Graph, extents: ReadonlyMap<number, Extent>, bundle: number): Layout {
  const middle = new Map<number, number>();
  const unsorted = folded(graph, layers(graph), extents, bundle);
  const tallest = Math.max(...unsorted.map((ids) => heightOf(ids, extents)), 0);
  const lead = new Map<number, number>();
  const columns = unsorted.map((ids) => {
    const feeders = (id: number) =>
      graph.links.filter(({ to }) => to === id).flatMap(({ from }) => middle.get(from) ?? []);
    const wish = (id: number) => mean(feeders(id)) ?? Number.POSITIVE_INFINITY;
    const rank = layerRank(graph, ids, extents);
    const sorted = [...ids].sort((a, b) => rank(a) - rank(b) || wish(a) - wish(b) || ids.indexOf(a) - ids.indexOf(b));
    let y = Math.round((tallest - heightOf(ids, extents)) / 16) * 8;
    lead.set(sorted[0], y);
    for (const id of sorted) {
      const { height } = extents.get(id) as Extent;
      middle.set(id, y + height / 2);
      y += height + gapY;
    }
    return sorted;
  });
  return { columns, lead };
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

/** Joins neighbouring columns that at most `bundle` wires connect, as long as the result is not too tall. */
function folded(
  graph: Graph,
  layers: readonly number[][],
  extents: ReadonlyMap<number, Extent>,
  bundle: number,
): number[][] {
  const columns: number[][] = [];
  for (const layer of layers) {
    const last = columns.at(-1);
    const joined = [...(last ?? []), ...layer];
    const between = last ? graph.links.filter(({ from, to }) => last.includes(from) && layer.includes(to)).length : 0;
    const isHub = (ids: readonly number[]) => ids.some((id) => extents.get(id)?.shows && hasReaders(graph, id));
    if (last && between <= bundle && heightOf(joined, extents) <= columnHeight && !isHub(last) && !isHub(layer))
      columns[columns.length - 1] = joined;
    else columns.push([...layer]);
  }
  return columns;
}
const hasReaders = ({ links }: Graph, id: number) => links.some(({ from }) => from === id);

/** Whether cards lie on each other: then nobody has placed them for the sizes they have here. */
export const overlaps = (boxes: readonly Placed[]): boolean => covered(boxes, 0);

/** One hides a good part of another: they lie in a heap, and not where somebody has just let them touch. */
export const hides = (boxes: readonly Placed[]): boolean => covered(boxes, 1 / 4);

/** Whether more than this part of one lies under another. */
function covered(boxes: readonly Placed[], part: number): boolean {
  return boxes.some(([ax, ay, aw, ah], i) =>
    boxes.slice(i + 1).some(([bx, by, bw, bh]) => {
      const wide = Math.min(ax + aw, bx + bw) - Math.max(ax, bx);
      const tall = Math.min(ay + ah, by + bh) - Math.max(ay, by);
      return wide > 0 && tall > 0 && wide * tall > part * Math.min(aw * ah, bw * bh);
    }),
  );
}
