/** What definitions say of what is known of their inputs and outputs, before a run. */
import { type AnyNode, GraphError } from "../nodes/index.ts";
import { type Item, nodesAmong } from "./item.ts";
import type { Ledger } from "./ledger.ts";

/** Notes on items that are part of a plan. */
export function factNotes(items: readonly Item[], ledger: Ledger): GraphError[] {
  return nodesAmong(items).flatMap((item) => {
    const { entry, path } = item.placed;
    const { notesOf } = (entry ?? {}) as AnyNode;
    const known = ledger.entry(item);
    if (!notesOf || !known?.sound) return [];
    const given = Object.fromEntries([...item.feeds].map(([name, feed]) => [name, ledger.facts(feed)]));
    const notes = Object.entries<string | undefined>(notesOf(given, known.facts, item.drawnIn !== undefined));
    return notes.flatMap(([port, note]) => (note === undefined ? [] : [new GraphError(note, port, path)]));
  });
}
