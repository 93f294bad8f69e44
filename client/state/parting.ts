/** One document in several browsers. What one has made of it is written over nothing that it does not stem from. */
import { type GraphDocument, hashText, writeDocument } from "../../graphs/document/index.ts";
import type { Transition } from "./state.ts";
import type { Sent, Stored } from "./stored.ts";
import { documentOf, editedDocument, identified, type Tab } from "./tab.ts";
import { inTab, tabBy } from "./tabs.ts";

const textOf = (document: GraphDocument, key: string): string =>
  JSON.stringify(writeDocument(identified(document, key)));

/** More that nobody heard of are not remembered: a server that is away for hours got none of them. */
const mostSent = 20;

/** On its way from here under this name; its reply may be lost, and the page with it. */
export const sending = (tab: Tab, document: GraphDocument, name = tab.name): Tab =>
  withSent(tab, [{ name, hash: hashText(textOf(document, tab.key)) }]);

export function withSent(tab: Tab, more: readonly Sent[]): Tab {
  const isKnown = ({ name, hash }: Sent) => tab.sent.some((one) => one.hash === hash && one.name === name);
  const news = more.filter((one) => !isKnown(one));
  return news.length === 0 ? tab : { ...tab, sent: [...tab.sent, ...news].slice(-mostSent) };
}

/** It is as the tab is now, was some steps ago, or was sent: nothing of it is lost where the tab's is written over it. */
export function hasBeen(tab: Tab, document: GraphDocument): boolean {
  const text = textOf(document, document.about.id ?? tab.key);
  const hash = hashText(text);
  const states = [documentOf(tab), ...tab.history.past.toReversed(), ...tab.history.future];
  return tab.sent.some((one) => one.hash === hash) || states.some((state) => textOf(state, tab.key) === text);
}

/** Its name there is its name here, unless that is another by now. */
export const renamedThere = (tab: Tab, name: string): Tab => (tab.name === tab.stored?.name ? { ...tab, name } : tab);

/** What another browser made of what is not edited here is shown here too, with what was here a step back. */
export function taken(tab: Tab, document: GraphDocument, stored: Stored): Tab {
  return { ...editedDocument(tab, document, "another browser"), stored, saved: document };
}

/**
 * The identity of what a document became in this browser, beside the state of this tag there. All windows of a browser come to the
 * same, and no two browsers do.
 */
export const partedKey = (key: string, etag: string, browser: string): string =>
  hashText(`${key} ${etag} ${browser}`).slice(0, 32);

/** From here on it is a document of its own, which the server has not got; its steps back stay. */
export function parted(key: string, next: { readonly key: string; readonly name: string }): Transition {
  return (state) => {
    const active = state.active === key ? next.key : state.active;
    // Another window has told of it already.
    if (tabBy(state, next.key)) return { ...state, active, tabs: state.tabs.filter((tab) => tab.key !== key) };
    const own = ({ agreed: _, stored: __, ...tab }: Tab): Tab => ({ ...tab, ...next, saved: undefined, sent: [] });
    return { ...inTab(key, own)(state), active };
  };
}
