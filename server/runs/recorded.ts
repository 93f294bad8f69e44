/** A run's events, numbered and kept before anyone sees them. */
import { catchError, concat, defer, mergeMap, type Observable, type ObservableInput, of } from "rxjs";
import type { RunEvent } from "../../executor/index.ts";
import type { PreviewMessage } from "../channel/messages.ts";
import { RunStopped } from "../devices/run-stopped.ts";
import type { Lifecycle, LogEvent, Logged } from "../protocol.ts";

/**
 * The queue subscribes, never a socket: a reader who leaves changes nothing. The log numbers events in the order in
 * which it is given them, so they need not wait for one another. Errors when the log cannot be written.
 */
export function recorded(
  run: string,
  events$: Observable<RunEvent | PreviewMessage>,
  log: { readonly append: (run: string, event: LogEvent) => ObservableInput<Logged> },
  now: () => number = () => performance.now(),
): Observable<Logged | PreviewMessage> {
  const started = now();
  const took = () => Math.max(0, now() - started);
  const succeeded = defer(() => of<Lifecycle>({ type: "run", state: "succeeded", ms: took() }));
  return concat(of<Lifecycle>({ type: "run", state: "running" }), events$, succeeded).pipe(
    catchError((error: unknown) => of<Lifecycle>({ ...ended(error), ms: took() })),
    mergeMap((event: LogEvent | PreviewMessage) => (event.type === "preview" ? of(event) : log.append(run, event))),
  );
}

function ended(error: unknown): Lifecycle {
  if (!(error instanceof RunStopped)) throw error;
  const { state, failure } = error;
  return { type: "run", state, ...(failure && { failure }) };
}
