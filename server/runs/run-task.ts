/** One run in a worker, as a stream: complete is succeeded, error is a RunStopped. */
import { Observable } from "rxjs";
import type { RunEvent } from "../../executor/index.ts";
import type { PreviewMessage, Task } from "../channel/messages.ts";
import type { Worker } from "../supervisor/worker.ts";
import { durationText } from "../units.ts";
import { RunStopped } from "./run-stopped.ts";
import { whyGone } from "./why-gone.ts";

export interface RunTaskOptions {
  readonly worker: Worker;
  /** Aborted: the run is to be cancelled. */
  readonly cancel: AbortSignal;
  readonly deadlineMs: number;
  /** A cancel that is not heeded for so long is enforced. */
  readonly graceMs?: number;
}

/**
 * Runs a task when subscribed to. It ends when the worker says so, or with the worker; where that had done a batch of
 * several, the next one goes on behind it.
 */
export function runTask(task: Task, options: RunTaskOptions): Observable<RunEvent | PreviewMessage> {
  const { worker, cancel, deadlineMs, graceMs = 1_500 } = options;
  return new Observable((subscriber) => {
    let stopped: RunStopped | undefined;
    let over = false;
    const end = (how: RunStopped | undefined) => {
      over = true;
      if (how) subscriber.error(how);
      else subscriber.complete();
    };
    /** Ended from outside: the node that was at work cannot say so itself. */
    const endAtNode = (how: RunStopped) => {
      const { failure } = how;
      if (failure?.node !== undefined)
        subscriber.next({ type: "node", path: failure.node, state: "failed", message: failure.message });
      end(how);
    };
    let node: string | undefined;
    let chance: "first" | "second" | "taken" = "first";
    /** A batch was done since the process took it up. */
    let hasCome = false;
    let grace: NodeJS.Timeout | undefined;
    const messages = worker.messages.subscribe((message) => {
      if (message.run !== task.run) return;
      chance = "taken";
      if (message.type === "event") {
        const { event } = message;
        if (event.type === "batch") hasCome = true;
        if (event.type === "node")
          node = event.state === "running" ? event.path : node === event.path ? undefined : node;
        subscriber.next(event);
      } else if (message.type === "preview") subscriber.next(message);
      else if ("failure" in message) end(stopped ?? new RunStopped("failed", message.failure));
      else if (message.state === "succeeded") end(undefined);
      else endAtNode(stopped ?? new RunStopped("cancelled"));
    });
    const gone = worker.gone.subscribe((how) => {
      const again = chance === "first" || hasCome;
      if (stopped || !again) return endAtNode(stopped ?? new RunStopped("failed", whyGone(how, node)));
      // It was given to a process that ended before it took it up, of something else, or behind a batch that is kept: the
      // next one gets it.
      chance = "second";
      hasCome = false;
      node = undefined;
      worker.send({ type: "run", task });
    });
    const stop = (why: RunStopped) => {
      stopped ??= why;
      worker.send({ type: "cancel", run: task.run });
      grace ??= setTimeout(() => worker.kill(), graceMs);
    };
    const deadline = setTimeout(() => stop(late(deadlineMs, node)), deadlineMs);
    const onCancel = () => stop(new RunStopped("cancelled"));
    cancel.addEventListener("abort", onCancel);
    if (cancel.aborted) onCancel();
    else worker.send({ type: "run", task });
    return () => {
      messages.unsubscribe();
      gone.unsubscribe();
      // Nobody takes what it still sends, and the next run must not find it at work.
      if (!over) worker.kill();
      clearTimeout(deadline);
      clearTimeout(grace);
      cancel.removeEventListener("abort", onCancel);
    };
  });
}

const late = (ms: number, node: string | undefined): RunStopped =>
  new RunStopped("failed", {
    code: "DEADLINE",
    message: `It took longer than ${durationText(ms)}, the limit of this server (--run-deadline)`,
    ...(node !== undefined && { node }),
  });
