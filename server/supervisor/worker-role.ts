/** What a process of the server is for, and what it may take. */
import type { Say } from "../log/say.ts";

/** What a process may take; what is absent is not limited. */
export interface Bounds {
  /** MiB of JavaScript objects. */
  readonly heapMiB?: number;
  /** Bytes of all that it holds in memory. */
  readonly memoryBytes?: number;
  /** How long it may be deaf at a question, instead of what the question's row says. */
  readonly quietMs?: number;
}

export interface WorkerRole {
  /** A sampler has a device and runs graphs; the others answer questions alone. */
  readonly is: "sampler" | "planner" | "exporter";
  /** Which device, where there are several. */
  readonly device?: string | undefined;
  readonly bounds?: Bounds;
  /** It is asked one question and closed: what it ended of twice is no reason to let that wait. */
  readonly isOnce?: boolean;
  readonly say: Say;
}
