import { of } from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { expect, test } from "vitest";
import type { RunEvent } from "../../../executor/index.ts";
import type { PreviewMessage } from "../../../server/channel/messages.ts";
import { RunStopped } from "../../../server/devices/run-stopped.ts";
import type { LogEvent } from "../../../server/protocol.ts";
import { recorded } from "../../../server/runs/recorded.ts";

const step = { type: "step", path: "1", index: 0, count: 1, ms: 1 } as const;
const preview = { type: "preview", run: "r", of: "1", frame: new Uint8Array() } as const;
const failure = { code: "GRAPH", message: "no" } as const;

/** What a run whose events are `marbles` records, in marbles: r running, s succeeded, c cancelled, f failed. */
function recording(marbles: string, error: unknown, expected: string): LogEvent[] {
  const appended: LogEvent[] = [];
  const log = {
    append(_run: string, event: LogEvent) {
      appended.push(event);
      return of(event);
    },
  };
  new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted)).run(({ cold, expectObservable }) => {
    const events$ = cold<RunEvent | PreviewMessage>(marbles, { e: step, p: preview }, error);
    const told = recorded("a", events$, log as never, () => 0);
    expectObservable(told as never).toBe(
      expected,
      {
        r: { type: "run", state: "running" },
        e: step,
        p: preview,
        s: { type: "run", state: "succeeded", ms: 0 },
        c: { type: "run", state: "cancelled", ms: 0 },
        f: { type: "run", state: "failed", failure, ms: 0 },
      },
      error,
    );
  });
  return appended;
}

test("a run is running, then what happens, then succeeded; previews pass and are not logged", () => {
  const appended = recording("-ep-|", undefined, "rep-(s|)");
  expect(appended.map(({ type }) => type)).toEqual(["run", "step", "run"]);
});

test("a run that stops ends in the state it stopped in, once", () => {
  recording("-e-#", new RunStopped("cancelled"), "re-(c|)");
  recording("-#", new RunStopped("failed", failure), "r(f|)");
});

test("what is no end of a run is no run's business", () => {
  recording("-#", new TypeError("a mistake"), "r#");
});
