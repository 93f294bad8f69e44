/** Lines of the log about runs: each is told of when it is accepted, begins and ends. */
import type { Observable } from "rxjs";
import type { Level, Say } from "../log/say.ts";
import type { RunState } from "../protocol.ts";
import { durationText } from "../units.ts";
import type { LifecycleLogged } from "./run-log.ts";

const words: Readonly<Record<RunState, readonly [Level, string]>> = {
  queued: ["info", "is accepted"],
  running: ["info", "begins"],
  cancelling: ["info", "is to be cancelled"],
  succeeded: ["info", "succeeded"],
  cancelled: ["info", "was cancelled"],
  failed: ["warn", "failed"],
  interrupted: ["warn", "was interrupted"],
};

export function sayRuns(lifecycle: Observable<LifecycleLogged>, say: Say): void {
  lifecycle.subscribe(({ run, state, ms, failure }) => {
    const [level, what] = words[state];
    const after = ms === undefined ? "" : ` after ${durationText(ms)}`;
    const why = failure === undefined ? "" : `: ${failure.message}`;
    say(`Run ${run} ${what}${after}${why}`, {
      level,
      event: "run",
      run,
      state,
      ...(ms !== undefined && { ms: Math.round(ms) }),
      ...(failure && { code: failure.code, ...(failure.node !== undefined && { node: failure.node }) }),
    });
  });
}
