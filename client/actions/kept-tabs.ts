/** Open tabs as this browser's storage has them, for all of its windows and for the next start. */
import { type GraphDocument, writeDocument } from "../../graphs/document/index.ts";
import type { View } from "../canvas/view.ts";
import { randomKey } from "../runs/random-key.ts";
import type { Stamp } from "../state/agreed.ts";
import type { Sent, Stored } from "../state/stored.ts";
import { documentOf, isHung, type Tab } from "../state/tab.ts";

const storageKey = "guidegraph.tabs";
const browserKey = "guidegraph.browser";

export interface KeptTab {
  readonly key: string;
  readonly name: string;
  readonly level: readonly number[];
  readonly run?: string;
  readonly document: unknown;
  readonly ran?: unknown;
  /** The view of each level that one has chosen, by the level's path. */
  readonly views?: readonly (readonly [string, View])[];
  /** It took too long to look at: it is not, and not shown, by itself. */
  readonly hung?: true;
  readonly renewed?: readonly string[];
  /** Which of the windows that have it open wrote it, and in which turn. */
  readonly stamp?: Stamp;
  /** Nobody has seen that the server has it as it is here. */
  readonly unsaved?: true;
  /** What the server had when a window of this browser last read or wrote it. */
  readonly stored?: Stored;
  /** What was sent to it since, and may have come. */
  readonly sent?: readonly Sent[];
}

interface Kept {
  readonly active: string;
  readonly tabs: readonly KeptTab[];
}

/** Which browser this is, to all of its windows; one that keeps nothing is another each time. */
export function browserName(): string {
  try {
    const known = localStorage.getItem(browserKey);
    if (!known) localStorage.setItem(browserKey, randomKey());
    return localStorage.getItem(browserKey) ?? randomKey();
  } catch {
    return randomKey();
  }
}

/** What was kept by a version that wrote no stamps is older than all that has one. */
export const stampOf = ({ stamp }: KeptTab): Stamp => stamp ?? { turn: 0, by: "" };

/** What this browser has kept; undefined where that is nothing, or nothing of ours. */
export function readKept(): Kept | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(storageKey) ?? "null");
    return Array.isArray(kept?.tabs) ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** Throws where the browser has no room for it. */
export const writeKept = (kept: Kept): void => localStorage.setItem(storageKey, JSON.stringify(kept));

/** Of one that is not open. */
export function forgetKept(key: string): void {
  const kept = readKept();
  if (kept) writeKept({ ...kept, tabs: kept.tabs.filter((tab) => tab.key !== key) });
}

export const isKept = (event: StorageEvent): boolean => event.key === storageKey;

export const keptTab = (tab: Tab): KeptTab => ({
  key: tab.key,
  name: tab.name,
  level: tab.level,
  document: tab.agreed?.unread ?? writtenOf(documentOf(tab)),
  ...(tab.agreed && { stamp: tab.agreed.stamp }),
  ...(tab.saved !== documentOf(tab) && { unsaved: true }),
  ...(tab.stored && { stored: tab.stored }),
  ...(tab.sent.length > 0 && { sent: tab.sent }),
  ...(tab.run && { run: tab.run }),
  ...(tab.ran && { ran: writtenOf(tab.ran) }),
  ...(isHung(tab) && { hung: true }),
  ...(tab.views.size > 0 && { views: [...tab.views] }),
  ...(tab.renewed.size > 0 && { renewed: [...tab.renewed] }),
});

/** Whether a document is kept as this one would be. */
export const isWrittenAs = (document: GraphDocument, written: unknown): boolean =>
  JSON.stringify(written) === JSON.stringify(writtenOf(document));

/** Most documents are the same as when they were last kept. */
const written = new WeakMap<GraphDocument, object>();

function writtenOf(document: GraphDocument): object {
  const now = written.get(document) ?? writeDocument(document);
  written.set(document, now);
  return now;
}
