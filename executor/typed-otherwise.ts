/** What nodes make of their parameters that is not what was typed, there or on the way: told before a run, not found behind it. */
import { type AnyNode, GraphError } from "../nodes/index.ts";
import type { Foretold } from "./foretold.ts";
import { type Item, isDrawnItem, isLoopItem } from "./item.ts";

export function typedOtherwise(items: readonly Item[], foretold: Foretold): GraphError[] {
  return items.flatMap((item) => {
    if (isLoopItem(item) || isDrawnItem(item)) return [];
    const { path, entry } = item.placed;
    const parameter = (name: string) => foretold.value(item.feeds.get(name));
    const isWired = (name: string) => !["value", "nothing", undefined].includes(item.feeds.get(name)?.is);
    const notes = Object.entries((entry as AnyNode | undefined)?.notes?.(parameter, isWired) ?? {});
    return notes.flatMap(([port, note]) => (note === undefined ? [] : [new GraphError(note, port, path)]));
  });
}
