/** Where a card's message stands: below it, else as near to it as it covers no other card. In pixels of the canvas. */
import type { Box } from "../canvas/view.ts";

type Corner = readonly [x: number, y: number];
type Size = readonly [width: number, height: number];

const gap = 8;
/** From the card to its message: farther away nobody would see whose it is. */
const farthest = 140;

/** The upper left corner; below the card where it is out of sight; where no place is free, the one that covers least. */
export function notePlace(card: Box, size: Size, others: readonly Box[], sight: Box): Corner {
  const [x, y, w, h] = card;
  const [width, height] = size;
  const below: Corner = [x, y + h + gap];
  if (overlapOf(card, sight) === 0) return below;
  const sides: readonly Corner[] = [below, [x + w + gap, y], [x - width - gap, y], [x, y - height - gap]];
  const reach: Size = [width + farthest + gap, height + farthest + gap];
  const near = others.filter(
    (box) => overlapOf(box, grown(card, reach)) > 0 && overlapOf(box, grown(sight, [gap, gap])) > 0,
  );
  const boxes = [card, ...near];
  const isSeen = ([left, top]: Corner) =>
    isWithin(left, width, sight[0], sight[2]) && isWithin(top, height, sight[1], sight[3]);
  const covered = (at: Corner) => boxes.reduce((sum, box) => sum + overlapOf([...at, width, height], box), 0);
  const seen = sides.filter(isSeen);
  return (
    seen.find((at) => covered(at) === 0) ??
    nearestFree(size, boxes, sight) ??
    least([...seen, ...cornersOf([card], size, sight)], covered) ??
    below
  );
}

const least = (all: readonly Corner[], covered: (at: Corner) => number): Corner | undefined =>
  all.map((at) => ({ at, cost: covered(at) })).sort((a, b) => a.cost - b.cost)[0]?.at;

/** Where a place is free, one is that touches something: the edge of a box, or of what is seen. */
function touching(axis: 0 | 1, own: number, boxes: readonly Box[], sight: Box): number[] {
  const [start, length] = [sight[axis], sight[axis + 2]];
  const edges = boxes.flatMap((box) => [box[axis] + box[axis + 2] + gap, box[axis] - own - gap]);
  const all = new Set([boxes[0][axis], start, start + length - own, ...edges]);
  return [...all].filter((at) => isWithin(at, own, start, length));
}

const cornersOf = (boxes: readonly Box[], [width, height]: Size, sight: Box): Corner[] =>
  touching(0, width, boxes, sight).flatMap((left) =>
    touching(1, height, boxes, sight).map((top): Corner => [left, top]),
  );

/** The place nearest to the first of these boxes that covers none, column by column: there may be hundreds of them. */
function nearestFree([width, height]: Size, boxes: readonly Box[], sight: Box): Corner | undefined {
  const [[x, y, w, h]] = boxes;
  const downwards = boxes.toSorted((a, b) => a[1] - b[1]);
  const tops = touching(1, height, boxes, sight)
    .map((top) => ({ top, dy: apart(top, height, y, h) }))
    .sort((a, b) => a.dy - b.dy);
  let [found, nearest]: [Corner | undefined, number] = [undefined, farthest + 1e-6];
  for (const left of touching(0, width, boxes, sight)) {
    const dx = apart(left, width, x, w);
    if (dx >= nearest) continue;
    const taken = takenTops(downwards, left, width, height);
    for (const { top, dy } of tops) {
      const away = Math.hypot(dx, dy);
      if (away >= nearest) break;
      if (!taken.some(([from, to]) => top > from && top < to)) [found, nearest] = [[left, top], away];
    }
  }
  return found;
}

/** From where to where the top of a note in this column covers a box, as few stretches. */
function takenTops(downwards: readonly Box[], left: number, width: number, height: number): [number, number][] {
  const taken: [from: number, to: number][] = [];
  for (const [x, y, w, h] of downwards) {
    if (x + w <= left || x >= left + width) continue;
    const last = taken.at(-1);
    if (last && y - height < last[1]) last[1] = Math.max(last[1], y + h);
    else taken.push([y - height, y + h]);
  }
  return taken;
}

/** Along one axis, between the nearest ends. */
const apart = (a: number, aSize: number, b: number, bSize: number): number => Math.max(0, b - a - aSize, a - b - bSize);

const isWithin = (from: number, size: number, start: number, length: number): boolean =>
  from > start - 1e-6 && from + size < start + length + 1e-6;

const grown = ([x, y, w, h]: Box, [dx, dy]: Size): Box => [x - dx, y - dy, w + 2 * dx, h + 2 * dy];

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
