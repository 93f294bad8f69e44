import { Subject } from "rxjs";
import { expect, test } from "vitest";
import type { RunEvent } from "../../../executor/index.ts";
import type { FromWorker, ToWorker } from "../../../server/channel/messages.ts";
import { runTask } from "../../../server/runs/run-task.ts";
import type { Gone } from "../../../server/supervisor/child.ts";
import type { Worker } from "../../../server/supervisor/worker.ts";

const task = { run: "r", graph: "{}", options: { batches: 1, watch: [] }, folder: "" };
const killed: Gone = { code: null, signal: "SIGKILL", stderr: "" };
const running: FromWorker = { type: "event", run: "r", event: { type: "node", path: "7", state: "running" } };

/** A run in a worker that is played by the test. */
function played() {
  const [messages, gone] = [new Subject<FromWorker>(), new Subject<Gone>()];
  const sent: string[] = [];
  const worker = { messages, gone, send: ({ type }: ToWorker) => sent.push(type), kill() {} } as unknown as Worker;
  const cancel = new AbortController();
  const told: (RunEvent | { type: "preview" } | Error | "complete")[] = [];
  runTask(task, { worker, cancel: cancel.signal, deadlineMs: 60_000 }).subscribe({
    next: (event) => told.push(event),
    error: (error) => told.push(error),
    complete: () => told.push("complete"),
  });
  return { messages, gone, sent, told, cancel };
}

test("a run whose process ended before it took it up is given to the next, once", () => {
  const { messages, gone, sent, told } = played();
  gone.next(killed);
  expect([sent, told]).toEqual([["run", "run"], []]);
  messages.next(running);
  messages.next({ type: "end", run: "r", state: "succeeded" });
  expect(told).toEqual([running.event, "complete"]);

  const again = played();
  again.gone.next(killed);
  again.gone.next(killed);
  expect(again.sent).toEqual(["run", "run"]);
  expect(again.told).toMatchObject([{ state: "failed", failure: { code: "WORKER_CRASHED", signal: "SIGKILL" } }]);
});

test("a run that had begun fails with its process, at the node that was at work", () => {
  const { messages, gone, sent, told } = played();
  messages.next(running);
  gone.next(killed);
  expect(sent).toEqual(["run"]);
  expect(told).toMatchObject([
    { type: "node", state: "running" },
    { type: "node", path: "7", state: "failed" },
    { state: "failed", failure: { node: "7" } },
  ]);
});

test("a run that is to be cancelled is not begun again", () => {
  const { gone, sent, told, cancel } = played();
  cancel.abort();
  gone.next(killed);
  expect(sent).toEqual(["run", "cancel"]);
  expect(told).toMatchObject([{ state: "cancelled" }]);
});
