/** What definitions say of what is known of their inputs and outputs, before a run. */
import { type AnyNode, GraphError } from "../nodes/index.ts";
import { type Item, isDrawnItem, isLoopItem } from "./item.ts";
import type { Ledger } from "./ledger.ts";

/** Notes on items that are part of a plan, those that a Differentiate draws too. */
export function factNotes(items: readonly Item[], ledger: Ledger): GraphError[] {
  const drawn = items.flatMap((item) => (isDrawnItem(item) ? item.nodes : []));
  return [...new Set([...items, ...drawn])].flatMap((item) => {
    if (isLoopItem(item) || isDrawnItem(item)) return [];
    const { entry, path } = item.placed;
    const { notesOf } = (entry ?? {}) as AnyNode;
    const known = ledger.entry(item);
    if (!notesOf || !known?.sound) return [];
    const given = Object.fromEntries([...item.feeds].map(([name, feed]) => [name, ledger.facts(feed)]));
    const notes = Object.entries<string | undefined>(notesOf(given, known.facts, item.drawnIn !== undefined));
    return notes.flatMap(([port, note]) => (note === undefined ? [] : [new GraphError(note, port, path)]));
  });
}
