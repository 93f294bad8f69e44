/**
 * An orphan must not compute on. The thread of a worker may be blocked in a model call that never returns, deaf to the
 * closing of its channel; a second thread is not, and ends the process as nothing else can.
 */
import { isMainThread, Worker } from "node:worker_threads";

const everyMs = 500;

const watch = `
  const { ppid } = process;
  setInterval(() => process.ppid === ppid || process.kill(process.pid, "SIGKILL"), ${everyMs});
`;

/** Kills this process when its parent is gone. */
export function endWithParent(): void {
  if (isMainThread) new Worker(watch, { eval: true, name: "watchdog" }).unref();
}
