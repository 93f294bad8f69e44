/** What the windows of one browser have of a document in common: which of its states is the latest, by no clock. */
import type { GraphDocument } from "../../graphs/document/index.ts";

/**
 * Each window that has changed a document gives it the turn after the latest it knows of (Lamport 1978, "Time, clocks, and the
 * ordering of events"). Of two windows in one turn, the later is that of the greater name.
 */
export interface Stamp {
  readonly turn: number;
  readonly by: string;
}

/** The latest state that this window has kept, or taken from another. What it has beside this is its own, and nowhere else yet. */
export interface Agreed {
  readonly stamp: Stamp;
  readonly name: string;
  readonly document: GraphDocument;
  /** As another window wrote it, where this one cannot read that. */
  readonly unread?: unknown;
}

export const isLater = (one: Stamp, other: Stamp | undefined): boolean =>
  other === undefined || (one.turn === other.turn ? one.by > other.by : one.turn > other.turn);
