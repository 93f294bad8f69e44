/**
 * What a process must not do though its thread be blocked, in a model call that never returns or a file that never ends:
 * compute on as an orphan, deaf to the closing of its channel, or take all memory there is. A second thread is not
 * blocked, and ends the process as nothing else can.
 */
import { isMainThread, Worker } from "node:worker_threads";

const everyMs = 200;

const watch = `
  const { parentPort } = require("node:worker_threads");
  const { writeSync } = require("node:fs");
  const { ppid } = process;
  let maxBytes = Infinity;
  parentPort.on("message", (bytes) => { maxBytes = bytes; });
  // Where nobody tells how much it holds nothing is too much.
  const held = () => { try { return process.memoryUsage.rss(); } catch { return 0; } };
  setInterval(() => {
    const isFull = held() > maxBytes;
    if (isFull) writeSync(2, "\\nout of memory: more than " + maxBytes + " bytes\\n");
    if (isFull || process.ppid !== ppid) process.kill(process.pid, "SIGKILL");
  }, ${everyMs});
`;

/** Kills this process when its parent is gone; what it returns sets how many bytes it may hold. */
export function endWithParent(): (maxBytes: number) => void {
  if (!isMainThread) return () => {};
  const thread = new Worker(watch, { eval: true, name: "watchdog" });
  thread.unref();
  return (maxBytes) => thread.postMessage(maxBytes);
}
