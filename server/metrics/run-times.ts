/** How long runs waited and took, by what the log says of them. */
import { map, type Observable } from "rxjs";
import type { RunState } from "../protocol.ts";
import type { LifecycleLogged } from "../runs/run-log.ts";

export interface RunTime {
  readonly state: RunState;
  /** When it begins: since it was accepted, if that was while this server ran. */
  readonly waitedMs?: number;
  /** When it has ended. */
  readonly ms?: number;
}

export function runTimes(lifecycle: Observable<LifecycleLogged>, now = () => performance.now()): Observable<RunTime> {
  const accepted = new Map<string, number>();
  return lifecycle.pipe(
    map(({ run, state, ms }) => {
      const since = accepted.get(run);
      if (state === "queued") accepted.set(run, now());
      else accepted.delete(run);
      return {
        state,
        ...(state === "running" && since !== undefined && { waitedMs: now() - since }),
        ...(ms !== undefined && { ms }),
      };
    }),
  );
}
