/** Where a card's message stands: below it, else beside or above it, so that it covers no other card. In pixels of the canvas. */
import type { Box } from "../canvas/view.ts";

const gap = 8;

/** The upper left corner; below the card where every side is taken, or out of sight. */
export function notePlace(
  card: Box,
  size: readonly [number, number],
  others: readonly Box[],
  sight: Box,
): [number, number] {
  const [x, y, w, h] = card;
  const [width, height] = size;
  const below: [number, number] = [x, y + h + gap];
  const sides: readonly [number, number][] = [below, [x + w + gap, y], [x - width - gap, y], [x, y - height - gap]];
  const isFree = ([left, top]: readonly [number, number]) =>
    left >= sight[0] &&
    top >= sight[1] &&
    left + width <= sight[0] + sight[2] &&
    top + height <= sight[1] + sight[3] &&
    others.every(([bx, by, bw, bh]) => left >= bx + bw || bx >= left + width || top >= by + bh || by >= top + height);
  return sides.find(isFree) ?? below;
}

const [widest, padding, line, letter] = [280, 22, 18, 6.4];

/** About how large a message comes to be, as `.failure-note` lays it out. */
export function noteSize(text: string): [number, number] {
  const length = text.length * letter;
  const lines = Math.ceil(length / (widest - padding - 2 * letter));
  return [lines > 1 ? widest : length + padding, lines * line + 14];
}
