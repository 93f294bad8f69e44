/** What nodes make of their typed parameters that is not what was typed: told before a run, not found behind it. */
import { type AnyNode, GraphError } from "../nodes/index.ts";
import { type Item, isDrawnItem, isLoopItem } from "./item.ts";

export function typedOtherwise(items: readonly Item[]): GraphError[] {
  return items.flatMap((item) => {
    if (isLoopItem(item) || isDrawnItem(item)) return [];
    const { path, entry } = item.placed;
    const parameter = (name: string) => {
      const feed = item.feeds.get(name);
      return feed?.is === "value" ? feed.value : undefined;
    };
    const notes = Object.entries((entry as AnyNode | undefined)?.notes?.(parameter) ?? {});
    return notes.flatMap(([port, note]) => (note === undefined ? [] : [new GraphError(note, port, path)]));
  });
}
