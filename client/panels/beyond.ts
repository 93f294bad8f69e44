/** What lies out of sight, and on which side: a card whose middle is not seen. */
import { type Box, unionOf } from "../canvas/view.ts";

export type Side = "left" | "right" | "up" | "down";

/** By the side on which each is farther out. */
export function beyond(boxes: readonly Box[], [x, y, width, height]: Box): ReadonlyMap<Side, readonly Box[]> {
  const out = new Map<Side, Box[]>();
  for (const box of boxes) {
    const [middleX, middleY] = [box[0] + box[2] / 2, box[1] + box[3] / 2];
    const far: readonly (readonly [Side, number])[] = [
      ["left", x - middleX],
      ["right", middleX - x - width],
      ["up", y - middleY],
      ["down", middleY - y - height],
    ];
    const [side, distance] = far.reduce((most, one) => (one[1] > most[1] ? one : most));
    if (distance > 0) out.set(side, [...(out.get(side) ?? []), box]);
  }
  return out;
}

/** How far the view moves to that side: until all of these are seen, or until the nearest of them would leave at the other edge. */
export function towards(
  side: Side,
  boxes: readonly Box[],
  [x, y, width, height]: Box,
  margin: number,
): readonly [dx: number, dy: number] {
  const [left, top, across, down] = unionOf(boxes);
  const forwards = (end: number, seenEnd: number, begin: number, seenBegin: number) =>
    Math.max(0, Math.min(end + margin - seenEnd, begin - margin - seenBegin));
  const backwards = (end: number, seenEnd: number, begin: number, seenBegin: number) =>
    -Math.max(0, Math.min(seenBegin - begin + margin, seenEnd - end - margin));
  const move = side === "left" || side === "up" ? backwards : forwards;
  return side === "left" || side === "right"
    ? [move(left + across, x + width, left, x), 0]
    : [0, move(top + down, y + height, top, y)];
}
