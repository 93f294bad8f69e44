/** The path of a wire: out to the right, in from the left; one that must run backwards goes round through the gap. */
import type { Card } from "./card.ts";

const corner = 11;
const reach = 14;

interface Span {
  readonly top: number;
  readonly bottom: number;
}
const spanOf = ({ box: [, y, , height] }: Card): Span => ({ top: y, bottom: y + height });

export interface WirePath {
  readonly path: Path2D;
  readonly middle: readonly [number, number];
}

/** `from` and `to` are the nodes at its ends, where it has both. */
type WireTip = readonly [number, number] | Float32Array;

export function wirePath([ax, ay]: WireTip, [bx, by]: WireTip, from?: Card, to?: Card): WirePath {
  const path = new Path2D();
  const backwards = bx < ax + 8;
  if (backwards && from && to && from !== to) {
    const gap = gapBetween(spanOf(from), spanOf(to));
    if (gap !== undefined) return throughGap(path, ax, ay, bx, by, gap);
  }
  const distance = Math.hypot(bx - ax, by - ay);
  const pull = backwards ? Math.min(140, 40 + distance * 0.3) : Math.max(18, Math.min((bx - ax) * 0.5, 120));
  path.moveTo(ax, ay);
  path.bezierCurveTo(ax + pull, ay, bx - pull, by, bx, by);
  return { path, middle: [(ax + bx) / 2, (ay + by) / 2] };
}

function gapBetween(a: Span, b: Span): number | undefined {
  const [upper, lower] = a.top < b.top ? [a, b] : [b, a];
  return lower.top - upper.bottom >= 6 ? (lower.top + upper.bottom) / 2 : undefined;
}

function throughGap(path: Path2D, ax: number, ay: number, bx: number, by: number, y: number): WirePath {
  const r = Math.min(corner, Math.abs(y - ay) / 2, Math.abs(by - y) / 2);
  path.moveTo(ax, ay);
  path.arcTo(ax + reach, ay, ax + reach, y, r);
  path.arcTo(ax + reach, y, bx - reach, y, r);
  path.arcTo(bx - reach, y, bx - reach, by, r);
  path.arcTo(bx - reach, by, bx, by, r);
  path.lineTo(bx, by);
  return { path, middle: [(ax + bx) / 2, y] };
}
