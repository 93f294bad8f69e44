/** One document in several windows of a browser. What was edited in any of them is shown, or a step back from what is. */
import { beneath } from "../edit/history.ts";
import type { Agreed } from "./agreed.ts";
import { documentOf, editedDocument, type Tab } from "./tab.ts";

/** It was edited here, and no other window has that. */
const isEditedHere = (tab: Tab): boolean => documentOf(tab) !== (tab.agreed?.document ?? tab.saved);

/** Told to the other windows from now on: in a turn of its own where it was changed here. */
export function agreedBy(window: string, tab: Tab): Tab {
  const { agreed, name } = tab;
  const document = documentOf(tab);
  if (agreed?.document === document && agreed.name === name) return tab;
  return { ...tab, agreed: { stamp: { turn: (agreed?.stamp.turn ?? 0) + 1, by: window }, name, document } };
}

/**
 * A later state from another window. What is edited here stays under the hand, with theirs a step back; else theirs is shown,
 * with what was here a step back. `isSame`: they differ in nothing that is written. Gives what is shown now, too.
 */
export function withTheirs(tab: Tab, theirs: Agreed, isSame: boolean): readonly [Tab, "same" | "theirs" | "ours"] {
  const isRenamedHere = tab.agreed !== undefined && tab.name !== tab.agreed.name;
  const name = isRenamedHere ? tab.name : theirs.name;
  if (isSame) return [{ ...tab, name, agreed: { ...theirs, document: documentOf(tab) } }, "same"];
  if (isEditedHere(tab))
    return [{ ...tab, name, history: beneath(tab.history, theirs.document), agreed: theirs }, "ours"];
  return [{ ...editedDocument(tab, theirs.document, "another window"), name, agreed: theirs }, "theirs"];
}

/** A later state that cannot be read here: what is not edited here does not take its place. */
export const withUnread = (tab: Tab, theirs: Omit<Agreed, "document">): Tab => ({
  ...tab,
  agreed: { ...theirs, document: tab.agreed?.document ?? tab.saved ?? documentOf(tab) },
});
