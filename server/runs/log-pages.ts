/** A cursor in the run log, as an iterator: it moves as fast as whoever reads asks for more. */
import type { Logged } from "../protocol.ts";
import type { RunLog } from "./run-log.ts";

const pageLength = 500;

/**
 * Events after number `after`, page by page, for ever or until `signal` is aborted. One empty page says that all that
 * the log held is told: what follows happens then.
 */
export async function* logPages(
  log: Pick<RunLog, "read" | "grown">,
  run: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<readonly Logged[], void> {
  let seq = after;
  let isLive = false;
  while (!signal.aborted) {
    const events = await log.read(run, seq, pageLength);
    if (signal.aborted) return;
    if (events.length > 0 || !isLive) yield events;
    isLive ||= events.length === 0;
    seq = events.at(-1)?.seq ?? seq;
    if (events.length === 0) await log.grown(run, seq, signal);
  }
}
