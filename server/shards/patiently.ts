/** Asks over HTTP again and again what may pass by itself: a server that is away, a disk that is full for a while. */
import { setTimeout } from "node:timers/promises";
import { causeOf } from "./why-not.ts";

export interface Patience {
  /** What is done, as in "Cannot put a result". */
  readonly what: string;
  readonly signal: AbortSignal;
  /** Which answers are as good as done; absent: those that are ok. */
  readonly isDone?: (reply: Response) => boolean;
  /** Statuses beside the usual ones that may pass. */
  readonly alsoPassing?: readonly number[];
  /** What a refusal says. */
  readonly problemIn: (reply: Response) => Promise<string>;
  /** So long it is tried again (15 min); 0: once. */
  readonly patienceMs?: number;
  /** Said once, when it has to wait. */
  readonly say: (line: string) => void;
}

/** Between two attempts, longer and longer. */
const [firstPauseMs, longestPauseMs] = [500, 10_000];
/** So long a result is worth keeping. */
const usualPatienceMs = 15 * 60_000;

/** Somebody else's mistake, or nobody's: it may do later. */
const passing = [408, 429, 502, 503, 504, 507];

/** Rejects with what is said of it where it will not pass, or has not for too long, and with the reason of the signal. */
export async function patiently(
  once: () => Promise<Response>,
  { what, signal, isDone = ({ ok }) => ok, alsoPassing = [], problemIn, patienceMs = usualPatienceMs, say }: Patience,
): Promise<Response> {
  const began = performance.now();
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
    const reply = await once().catch((error: unknown) => error as Error);
    if (reply instanceof Response && isDone(reply)) return reply;
    signal.throwIfAborted();
    const why = reply instanceof Response ? await problemIn(reply) : causeOf(reply);
    const mayPass = !(reply instanceof Response) || [...passing, ...alsoPassing].includes(reply.status);
    if (!mayPass || patienceMs === 0) throw new Error(`Cannot ${what}: ${why}`);
    if (performance.now() - began > patienceMs)
      throw new Error(`Cannot ${what} for ${patienceMs / 60_000} min: ${why}`);
    if (pauseMs === firstPauseMs) say(`Waits to ${what}: ${why}`);
    await setTimeout(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
