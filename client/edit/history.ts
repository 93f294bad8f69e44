/** Undo of everything: documents are never changed in place, so a step back is the document that was. */
import type { GraphDocument } from "../../graphs/document/index.ts";

export interface History {
  readonly past: readonly GraphDocument[];
  readonly present: GraphDocument;
  readonly future: readonly GraphDocument[];
  /** The last edit's name: edits of one slider pull, which have the same, are one step. */
  readonly last?: string;
}

const kept = 200;

export const begin = (present: GraphDocument): History => ({ past: [], present, future: [] });

export function edited({ past, present, last }: History, next: GraphDocument, merge?: string): History {
  if (next === present) return { past, present, future: [], ...(last !== undefined && { last }) };
  const isSame = merge !== undefined && merge === last;
  return {
    past: isSame ? past : [...past, present].slice(-kept),
    present: next,
    future: [],
    ...(merge !== undefined && { last: merge }),
  };
}

/** Another present, and no step: what was done to it is no edit. */
export const replaced = (history: History, present: GraphDocument): History => ({ ...history, present });

/** Another state a step back from the present, which stays: what somebody else made meanwhile. */
export const beneath = (history: History, document: GraphDocument): History => ({
  ...history,
  past: [...history.past, document].slice(-kept),
});

export function undo({ past, present, future }: History): History {
  const before = past.at(-1);
  return before
    ? { past: past.slice(0, -1), present: before, future: [present, ...future] }
    : { past, present, future };
}

export function redo({ past, present, future: [next, ...future] }: History): History {
  return next ? { past: [...past, present], present: next, future } : { past, present, future: [] };
}
