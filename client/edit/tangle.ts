/**
 * How hard a layout in columns is to read, as one number: wires behind cards, wires that run upwards again, crossings,
 * climb, and what does not fit a screen. In pixels of climb; 0 is a straight line of cards.
 */
import type { GraphLink } from "../../graphs/document/index.ts";
import type { Point } from "./graph.ts";

export interface Extent {
  readonly width: number;
  /** Head included. */
  readonly height: number;
  /** What of it lies above the position that the document holds. */
  readonly head: number;
  /** A node with a picture begins a column of its own. */
  readonly shows: boolean;
  /** From the top of the head to the middle of each slot. */
  readonly inputs: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, number>>;
}

export interface Layout {
  /** From left to right, each from top to bottom. */
  readonly columns: readonly (readonly number[])[];
  /** Free room above a card, beside the gap that all have. */
  readonly lead: ReadonlyMap<number, number>;
}

const [gapX, gapY] = [56, 28];
/** A canvas beside open panels; a layout that fits it is read without zooming out. */
const screen = { width: 1060, height: 640 };
const prices = { behind: 12, crossing: 60, upward: 800, climb: 0.3, scale: 15000 };
/** Points on a wire. */
const count = 16;
/** A wire keeps off the cards it passes. */
const margin = 6;
/** Half the height of a head; the room a wire takes beside a card is the same. */
const headMiddle = 14;

/** Where each card begins: the top left of its head. */
export function placed({ columns, lead }: Layout, extents: ReadonlyMap<number, Extent>): Map<number, Point> {
  const places = new Map<number, Point>();
  let x = 0;
  for (const ids of columns) {
    let [y, widest] = [0, 0];
    for (const id of ids) {
      const { width, height } = extents.get(id) as Extent;
      y += lead.get(id) ?? 0;
      places.set(id, [x, y]);
      y += Math.ceil((height + gapY) / 8) * 8;
      widest = Math.max(widest, width);
    }
    x += Math.ceil((widest + gapX) / 8) * 8;
  }
  return places;
}

/** Measures layouts of one graph. Thousands are tried, so the points of its wires are kept in arrays that are used again. */
export function tangleOf(
  links: readonly GraphLink[],
  extents: ReadonlyMap<number, Extent>,
): (layout: Layout) => number {
  const ids = [...extents.keys()];
  const index = new Map(ids.map((id, i) => [id, i]));
  const wires = links.flatMap(({ from, output, to, input }): TracedWire[] => {
    const [a, b] = [index.get(from), index.get(to)];
    if (a === undefined || b === undefined || a === b) return [];
    const out = extents.get(from)?.outputs[output] ?? headMiddle;
    const into = extents.get(to)?.inputs[input] ?? headMiddle;
    return [{ from: a, to: b, out, into, x: new Float64Array(count), y: new Float64Array(count), around: new Box() }];
  });
  const boxes = ids.map(() => new Box());

  return (layout) => {
    let [width, top, bottom] = [0, Number.POSITIVE_INFINITY, 0];
    for (const [id, [x, y]] of placed(layout, extents)) {
      const box = boxes[index.get(id) as number];
      const { width: wide, height } = extents.get(id) as Extent;
      box.put(x, y, x + wide, y + height);
      width = Math.max(width, box.right);
      top = Math.min(top, y);
      bottom = Math.max(bottom, box.bottom);
    }
    let sum = prices.scale * Math.max(0, width / screen.width - 1, (bottom - top) / screen.height - 1);
    for (let i = 0; i < wires.length; i++) {
      const wire = wires[i];
      const [a, b] = [boxes[wire.from], boxes[wire.to]];
      // A move leaves most cards where they were, and the wires between them.
      if (a.hasMoved || b.hasMoved) draw(wire, a, b);
      sum += prices.climb * Math.abs(wire.y[0] - wire.y[count - 1]);
      if (b.x <= a.x && b.y < a.y) sum += prices.upward;
      for (const box of boxes) {
        const off = box === a || box === b ? -4 : margin;
        if (touches(wire.around, box, off)) sum += prices.behind * behind(wire, box, off);
      }
      for (let j = 0; j < i; j++) if (cross(wire, wires[j])) sum += prices.crossing;
    }
    return sum;
  };
}

class Box {
  x = Number.NaN;
  y = Number.NaN;
  right = Number.NaN;
  bottom = Number.NaN;
  /** By the last `put`. */
  hasMoved = true;

  put(x: number, y: number, right: number, bottom: number): void {
    this.hasMoved = this.x !== x || this.y !== y;
    this.x = x;
    this.y = y;
    this.right = right;
    this.bottom = bottom;
  }
}

/** Whether any of a wire could lie under a card. */
const touches = (wire: Box, card: Box, off: number): boolean =>
  wire.x < card.right + off && card.x - off < wire.right && wire.y < card.bottom + off && card.y - off < wire.bottom;

interface TracedWire {
  /** Which boxes it joins, and how far below their tops. */
  readonly from: number;
  readonly to: number;
  readonly out: number;
  readonly into: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** All its points lie in it. */
  readonly around: Box;
}

/** Weights of the four points of a cubic curve, at each point of a wire. */
const curve = Array.from({ length: count }, (_, i) => {
  const t = i / (count - 1);
  return [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3] as const;
});

function draw(wire: TracedWire, a: Box, b: Box): void {
  trace(wire, a, b);
  const { x, y, around } = wire;
  let [left, right, top, bottom] = [x[0], x[0], y[0], y[0]];
  for (let i = 1; i < count; i++) {
    left = Math.min(left, x[i]);
    right = Math.max(right, x[i]);
    top = Math.min(top, y[i]);
    bottom = Math.max(bottom, y[i]);
  }
  around.put(left, top, right, bottom);
}

/** The path that the canvas draws: a curve to the right, or through the gap between two cards of a column. */
function trace({ out, into, x, y }: TracedWire, a: Box, b: Box): void {
  const [ay, by] = [a.y + out, b.y + into];
  if (b.x < a.right + 8) {
    const gap = a.y < b.y ? (a.bottom + b.y) / 2 : (b.bottom + a.y) / 2;
    const [right, left] = [a.right + headMiddle, b.x - headMiddle];
    // Down, back and down again; five points a side, so that a card in the way hides one.
    for (let i = 0; i < count; i++) {
      const t = i / (count - 1);
      const [down, back, on] = [Math.min(1, t * 3), Math.min(1, Math.max(0, t * 3 - 1)), Math.max(0, t * 3 - 2)];
      x[i] = right + (left - right) * back;
      y[i] = ay + (gap - ay) * down + (by - gap) * on;
    }
    return;
  }
  const pull = Math.max(18, Math.min((b.x - a.right) * 0.5, 120));
  for (let i = 0; i < count; i++) {
    const [p, q, r, s] = curve[i];
    x[i] = p * a.right + q * (a.right + pull) + r * (b.x - pull) + s * b.x;
    y[i] = (p + q) * ay + (r + s) * by;
  }
}

/** How much of a wire a card hides. */
function behind({ x, y }: TracedWire, box: Box, off: number): number {
  const [left, right, top, bottom] = [box.x - off, box.right + off, box.y - off, box.bottom + off];
  let length = 0;
  for (let i = 1; i < count - 1; i++)
    if (x[i] > left && x[i] < right && y[i] > top && y[i] < bottom)
      length += Math.abs(x[i] - x[i - 1]) + Math.abs(y[i] - y[i - 1]);
  return length;
}

/** Whether two wires change sides where both are. */
function cross(p: TracedWire, q: TracedWire): boolean {
  const left = Math.max(p.x[0], q.x[0]);
  const right = Math.min(p.x[count - 1], q.x[count - 1]);
  if (right <= left) return false;
  return (heightAt(p, left) - heightAt(q, left)) * (heightAt(p, right) - heightAt(q, right)) < 0;
}

function heightAt({ x, y }: TracedWire, at: number): number {
  let i = 1;
  while (i < count - 1 && x[i] < at) i++;
  return x[i] === x[i - 1] ? y[i] : y[i - 1] + ((y[i] - y[i - 1]) * (at - x[i - 1])) / (x[i] - x[i - 1]);
}
