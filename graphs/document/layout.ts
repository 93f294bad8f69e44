/** Where the nodes of a graph lie when nobody has placed them: left to right along the wires, in columns. */
import type { GraphLink, GraphNode } from "./types.ts";

/** litegraph's measures in canvas pixels, rounded up: a title above the body, slots and widgets below each other in it. */
const title = 32;
const slot = 20;
const widget = 24;
const padding = 12;
const letter = 7.5;
const [minWidth, maxWidth] = [180, 320];
const [gapX, gapY] = [64, 24];

/** Room for the slots, for `widgets` parameters below them, and for the longest line of text. */
export function sizeFor(
  node: Pick<GraphNode, "inputs" | "outputs">,
  name: string,
  widgets: readonly string[],
): [number, number] {
  const rows = Math.max(node.inputs.length, node.outputs.length, 1);
  const row = (i: number) => (node.inputs[i]?.name.length ?? 0) + (node.outputs[i]?.name.length ?? 0) + 5;
  const longest = Math.max(
    name.length + 5,
    ...Array.from({ length: rows }, (_, i) => row(i)),
    ...widgets.map((text) => text.length + 12),
  );
  const width = Math.min(maxWidth, Math.max(minWidth, Math.round(longest * letter)));
  return [width, rows * slot + widgets.length * widget + padding];
}

/** Room for a note's text, in lines of about 26 letters. */
export const noteSize = (text: string): [number, number] => [
  208,
  slot * Math.ceil((text.length + 1) / 26) + 2 * padding,
];

/**
 * The nodes with positions. A node's column is the longest way that leads to it, drawn towards its first reader so that
 * wires are short; within a column nodes stand in the order of what feeds them, level with it where there is room.
 */
export function laidOut(nodes: readonly GraphNode[], links: readonly GraphLink[]): GraphNode[] {
  const column = columnsOf(nodes, links);
  const columns = Array.from({ length: Math.max(0, ...column.values()) + 1 }, (_, i) =>
    nodes.filter(({ id }) => column.get(id) === i),
  ).filter((nodes) => nodes.length > 0);
  const middle = new Map<number, number>();
  const placed = new Map<number, readonly [number, number]>();
  let x = gapX;
  for (const nodes of columns) {
    const feeders = (id: number) => links.filter(({ to }) => to === id).flatMap(({ from }) => middle.get(from) ?? []);
    const wish = new Map(nodes.map(({ id }) => [id, average(feeders(id))]));
    const sorted = [...nodes].sort(
      (a, b) => (wish.get(a.id) ?? Infinity) - (wish.get(b.id) ?? Infinity) || a.id - b.id,
    );
    let y = gapX;
    for (const node of sorted) {
      const height = title + node.size[1];
      y = Math.max(y, onGrid((wish.get(node.id) ?? 0) - height / 2));
      placed.set(node.id, [x, y + title]);
      middle.set(node.id, y + height / 2);
      y = onGrid(y + height + gapY);
    }
    x = onGrid(x + Math.max(...nodes.map(({ size }) => size[0])) + gapX);
  }
  return nodes.map((node) => ({ ...node, pos: placed.get(node.id) ?? node.pos }));
}

/** The editor's grid, in canvas pixels. */
const onGrid = (at: number): number => 8 * Math.ceil(at / 8);

const average = (values: readonly number[]): number | undefined =>
  values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : undefined;

/** Longest way from the left; then whatever nothing feeds moves right, to the column before its first reader. */
function columnsOf(nodes: readonly GraphNode[], links: readonly GraphLink[]): Map<number, number> {
  const column = new Map(nodes.map(({ id }) => [id, 0]));
  const waiting = new Map(nodes.map(({ id }) => [id, links.filter(({ to }) => to === id).length]));
  const readers = new Map(nodes.map(({ id }) => [id, links.filter(({ from }) => from === id).map(({ to }) => to)]));
  const ready = nodes.filter(({ id }) => waiting.get(id) === 0).map(({ id }) => id);
  const sources = [...ready];
  for (const id of ready)
    for (const to of readers.get(id) ?? []) {
      column.set(to, Math.max(column.get(to) ?? 0, (column.get(id) ?? 0) + 1));
      waiting.set(to, (waiting.get(to) ?? 0) - 1);
      if (waiting.get(to) === 0) ready.push(to);
    }
  for (const id of sources) {
    const first = Math.min(...(readers.get(id) ?? []).map((to) => column.get(to) ?? 0));
    if (Number.isFinite(first)) column.set(id, Math.max(0, first - 1));
  }
  return column;
}
