import { expect, test } from "vitest";
import type { Logged } from "../../../server/protocol.ts";
import { logPages } from "../../../server/runs/log-pages.ts";

const event = (seq: number): Logged => ({
  run: "r",
  seq,
  at: "2026-01-01T00:00:00Z",
  type: "step",
  path: "1",
  index: seq,
  count: 2_000,
  ms: 1,
});

/** A log of one run that a test writes. */
function written(count: number) {
  const events = Array.from({ length: count }, (_, i) => event(i + 1));
  let wake = () => {};
  return {
    write() {
      events.push(event(events.length + 1));
      wake();
    },
    read: async (_run: string, after: number, limit: number) => events.slice(after, after + limit),
    grown: (_run: string, after: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        wake = resolve;
        signal.addEventListener("abort", () => resolve());
        if (events.length > after) resolve();
      }),
  };
}

test("logPages gives what the log holds, says so once, and goes on with what is written", async () => {
  const log = written(1_200);
  const stop = new AbortController();
  const seen: (readonly number[])[] = [];
  for await (const page of logPages(log, "r", 100, stop.signal)) {
    seen.push(page.length === 0 ? [] : [page[0].seq, page.at(-1)?.seq ?? 0]);
    if (seen.length >= 4) log.write();
    if (seen.length === 6) stop.abort();
  }
  expect(seen).toEqual([[101, 600], [601, 1_100], [1_101, 1_200], [], [1_201, 1_201], [1_202, 1_202]]);
});

test("logPages ends while it waits", async () => {
  const stop = new AbortController();
  const pages = logPages(written(0), "r", 0, stop.signal);
  expect(await pages.next()).toEqual({ done: false, value: [] });
  const next = pages.next();
  stop.abort();
  expect(await next).toEqual({ done: true, value: undefined });
});
