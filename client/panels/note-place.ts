/** Where a card's message stands: below it, else as near to it as it covers no other card. In pixels of the canvas. */
import type { Box } from "../canvas/view.ts";

type Corner = readonly [x: number, y: number];

const gap = 8;
/** From the card to its message: farther away nobody would see whose it is. */
const farthest = 140;

/** The upper left corner; below the card where it is out of sight; where no place is free, the one that covers least. */
export function notePlace(card: Box, size: readonly [number, number], others: readonly Box[], sight: Box): Corner {
  const [x, y, w, h] = card;
  const [width, height] = size;
  const below: Corner = [x, y + h + gap];
  if (overlapOf(card, sight) === 0) return below;
  const sides: readonly Corner[] = [below, [x + w + gap, y], [x - width - gap, y], [x, y - height - gap]];
  // Where a place is free, one is that touches something: the edge of a card, or of what is seen.
  const touching = (from: number, size: number, own: number) => [from + size + gap, from - own - gap];
  const lefts = [x, sight[0], sight[0] + sight[2] - width];
  const tops = [y, sight[1], sight[1] + sight[3] - height];
  for (const [bx, by, bw, bh] of [card, ...others]) {
    lefts.push(...touching(bx, bw, width));
    tops.push(...touching(by, bh, height));
  }
  const away = (at: Corner) => distance([...at, width, height], card);
  const isSeen = (at: Corner) => overlapOf([...at, width, height], sight) > width * height - 1;
  const covered = (at: Corner) =>
    [card, ...others].reduce((sum, box) => sum + overlapOf([...at, width, height], box), 0);
  const apart = lefts.flatMap((left) => tops.map((top): Corner => [left, top])).filter((at) => away(at) <= farthest);
  const all = [...sides, ...apart.sort((a, b) => away(a) - away(b))].filter(isSeen);
  return all.find((at) => covered(at) === 0) ?? least(all, covered) ?? below;
}

const least = (all: readonly Corner[], covered: (at: Corner) => number): Corner | undefined =>
  all.map((at) => ({ at, cost: covered(at) })).sort((a, b) => a.cost - b.cost)[0]?.at;

/** Between the nearest edges. */
function distance([ax, ay, aw, ah]: Box, [bx, by, bw, bh]: Box): number {
  const [dx, dy] = [Math.max(0, bx - ax - aw, ax - bx - bw), Math.max(0, by - ay - ah, ay - by - bh)];
  return Math.hypot(dx, dy);
}

function overlapOf([ax, ay, aw, ah]: Box, [bx, by, bw, bh]: Box): number {
  const wide = Math.min(ax + aw, bx + bw) - Math.max(ax, bx);
  const tall = Math.min(ay + ah, by + bh) - Math.max(ay, by);
  return wide > 0 && tall > 0 ? wide * tall : 0;
}

const [widest, padding, line, letter] = [280, 22, 18, 6.4];

/** About how large a message comes to be, as `.failure-note` lays it out. */
export function noteSize(text: string): [number, number] {
  const length = text.length * letter;
  const lines = Math.ceil(length / (widest - padding - 2 * letter));
  return [lines > 1 ? widest : length + padding, lines * line + 14];
}
