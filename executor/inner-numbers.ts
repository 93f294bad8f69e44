/**
 * Loops inside loops have draws of their own, so each has a number among all that lie in one outermost loop, whatever part of
 * the document is looked at: by their ids, which neither moving nodes nor adding others changes.
 */
import { type Item, isLoopItem, type LoopItem } from "./item.ts";

export function innerNumbers(items: Iterable<Item>): ReadonlyMap<Item, number> {
  const inside = new Map<LoopItem, LoopItem[]>();
  for (const item of items)
    if (isLoopItem(item) && item.within) {
      const outermost = outermostOf(item.within);
      inside.set(outermost, [...(inside.get(outermost) ?? []), item]);
    }
  return new Map([...inside.values()].flatMap((loops) => loops.sort(byPath).map((loop, number) => [loop, number])));
}

const byPath = (a: LoopItem, b: LoopItem): number =>
  a.placed.path.localeCompare(b.placed.path, "en", { numeric: true });

const outermostOf = (loop: LoopItem): LoopItem => (loop.within ? outermostOf(loop.within) : loop);
