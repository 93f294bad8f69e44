/**
 * Whether the process holds more than what it keeps comes to: memory in pieces, what a library never gave back. Such a process
 * is replaced between two runs, by what it grew, however many it ran.
 */
import { residentMemory } from "../engine/machine-memory.ts";

/** What garbage and the allocator's own stock come to, on a machine that has it. */
const maxUnexplainedBytes = 2 ** 30;
/** Of what it may hold. */
const maxShare = 1 / 4;

export interface GrowthOptions {
  /** All that it may hold; absent where nothing limits it. */
  readonly memoryBytes?: number | undefined;
  /** Bytes of what it keeps on purpose. */
  readonly kept: () => number;
  readonly held?: () => number;
}

/** What it returns gives the bytes that nothing explains, where they are too many. Called when nothing has run yet. */
export function growth({
  memoryBytes = Number.POSITIVE_INFINITY,
  kept,
  held = residentMemory,
}: GrowthOptions): () => number | undefined {
  const began = held() - kept();
  const most = Math.min(maxUnexplainedBytes, memoryBytes * maxShare);
  return () => {
    const unexplained = held() - kept() - began;
    return unexplained > most ? unexplained : undefined;
  };
}
