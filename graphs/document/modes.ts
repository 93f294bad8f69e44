/** What a node does in a run, as litegraph writes it. */
import type { GraphNode } from "./types.ts";

/** Modes by name. litegraph's own 1 and 3 (on event, on trigger) run like 0. */
export const modes = { runs: 0, muted: 2, bypassed: 4 } as const;

/** A node that is off: absent when muted, led through when bypassed. */
export type Off = "muted" | "bypassed";

type Moded = Pick<GraphNode, "mode">;

/** Absent: what it gives is given by nobody. */
export const isMuted = ({ mode }: Moded): boolean => mode === modes.muted;

/** Led through: each output gives the first input of its kind, where that means the same; else none. */
export const isBypassed = ({ mode }: Moded): boolean => mode === modes.bypassed;

/** How a node is off, in a word; undefined while it runs. */
export const offOf = (node: Moded): Off | undefined =>
  isMuted(node) ? "muted" : isBypassed(node) ? "bypassed" : undefined;
