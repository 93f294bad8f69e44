/** How a process ended, for a person, and whether it was by what it was asked. */
import type { Undoing } from "./asked.ts";
import { type Gone, isOutOfMemory } from "./child.ts";

/** "SIGKILL", "status 3" */
export const howGone = ({ fault, signal, code }: Gone): string => fault ?? signal ?? `status ${code}`;

/** What it ended of by itself; undefined where it was ended, by us, or by a system that is short of memory. */
export function undoingOf(how: Gone): Undoing | undefined {
  if (how.fault) return undefined;
  if (isOutOfMemory(how)) return { by: "memory", how: "took more memory than this server gives, and was ended" };
  if (how.signal === "SIGKILL") return undefined;
  return { by: "crash", how: `ended its process (${how.error ?? how.signal ?? `status ${how.code}`})` };
}
