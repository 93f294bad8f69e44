/** One document in several browsers. What one has made of it is written over nothing that it does not stem from. */
import { type GraphDocument, hashText, writeDocument } from "../../graphs/document/index.ts";
import type { Transition } from "./state.ts";
import type { Stored } from "./stored.ts";
import { documentOf, editedDocument, identified, type Tab } from "./tab.ts";
import { inTab, tabBy } from "./tabs.ts";

const textOf = (document: GraphDocument, key: string): string =>
  JSON.stringify(writeDocument(identified(document, key)));

/** It is as the tab is now, was some steps ago, or was sent: nothing of it is lost where the tab's is written over it. */
export function hasBeen(tab: Tab, document: GraphDocument, sent: readonly GraphDocument[]): boolean {
  const text = textOf(document, document.about.id ?? tab.key);
  const states = [documentOf(tab), ...sent, ...tab.history.past.toReversed(), ...tab.history.future];
  return states.some((state) => textOf(state, tab.key) === text);
}

/** What another browser made of what is not edited here is shown here too, with what was here a step back. */
export function taken(tab: Tab, document: GraphDocument, stored: Stored): Tab {
  return { ...editedDocument(tab, document, "another browser"), stored, saved: document };
}

/** The identity of what a document became here, beside the state of this tag there. All windows of a browser come to the same. */
export const partedKey = (key: string, etag: string): string => hashText(`${key} ${etag}`).slice(0, 32);

/** From here on it is a document of its own, which the server has not got; its steps back stay. */
export function parted(key: string, next: { readonly key: string; readonly name: string }): Transition {
  return (state) => {
    const active = state.active === key ? next.key : state.active;
    // Another window has told of it already.
    if (tabBy(state, next.key)) return { ...state, active, tabs: state.tabs.filter((tab) => tab.key !== key) };
    const own = ({ agreed: _, stored: __, ...tab }: Tab): Tab => ({ ...tab, ...next, saved: undefined });
    return { ...inTab(key, own)(state), active };
  };
}
