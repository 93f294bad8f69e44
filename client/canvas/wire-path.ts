/** The path of a wire: out to the right, in from the left; one that must run backwards goes round its two cards, never behind them. */
import type { Card } from "./card.ts";

const corner = 11;
/** How far a wire that runs back keeps off the two cards. */
const reach = 14;
/** Two cards one above the other leave a gap for a wire from here on. */
const leastGap = 6;

interface Span {
  readonly top: number;
  readonly bottom: number;
}
const spanOf = ({ box: [, y, , height] }: Pick<Card, "box">): Span => ({ top: y, bottom: y + height });

export interface WirePath {
  readonly path: Path2D;
  readonly middle: readonly [number, number];
}

type WireTip = readonly [number, number] | Float32Array;

/** `from` and `to` are the nodes at its ends, where it has both. */
export function wirePath(
  [ax, ay]: WireTip,
  [bx, by]: WireTip,
  from?: Pick<Card, "box">,
  to?: Pick<Card, "box">,
): WirePath {
  const path = new Path2D();
  if (bx < ax + 8 && from && to && from !== to) {
    const [a, b] = [spanOf(from), spanOf(to)];
    const y = between(a, b) ?? (bx < ax ? around(a, b, ay, by) : undefined);
    if (y !== undefined) return backAt(path, ax, ay, bx, by, y);
  }
  const distance = Math.hypot(bx - ax, by - ay);
  const pull = bx < ax ? Math.min(140, 40 + distance * 0.3) : Math.max(18, Math.min((bx - ax) * 0.5, 120));
  path.moveTo(ax, ay);
  path.bezierCurveTo(ax + pull, ay, bx - pull, by, bx, by);
  return { path, middle: [(ax + bx) / 2, (ay + by) / 2] };
}

/** The height of the gap between two cards one above the other; undefined where they stand side by side. */
function between(a: Span, b: Span): number | undefined {
  const [upper, lower] = a.top < b.top ? [a, b] : [b, a];
  return lower.top - upper.bottom >= leastGap ? (lower.top + upper.bottom) / 2 : undefined;
}

/** Above both cards or below both, whichever is the shorter way from `ay` to `by`. */
function around(a: Span, b: Span, ay: number, by: number): number {
  const above = Math.min(a.top, b.top) - reach;
  const below = Math.max(a.bottom, b.bottom) + reach;
  return ay + by - 2 * above < 2 * below - ay - by ? above : below;
}

/** Out to the right, back at the height `y`, and in from the left. */
function backAt(path: Path2D, ax: number, ay: number, bx: number, by: number, y: number): WirePath {
  const r = Math.min(corner, Math.abs(y - ay) / 2, Math.abs(by - y) / 2);
  path.moveTo(ax, ay);
  path.arcTo(ax + reach, ay, ax + reach, y, r);
  path.arcTo(ax + reach, y, bx - reach, y, r);
  path.arcTo(bx - reach, y, bx - reach, by, r);
  path.arcTo(bx - reach, by, bx, by, r);
  path.lineTo(bx, by);
  return { path, middle: [(ax + bx) / 2, y] };
}
