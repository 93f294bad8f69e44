/**
 * Messages that belong to one moment travel together: each that is sent alone wakes the server, and takes from the
 * processor that computes.
 */
import type { FromWorker } from "./messages.ts";

/** What it returns takes messages; `send` gets all that came since, at the latest before the next model call. */
export function gathered(send: (messages: readonly FromWorker[]) => void): (message: FromWorker) => void {
  let waiting: FromWorker[] = [];
  const flush = () => {
    if (waiting.length === 0) return;
    send(waiting);
    waiting = [];
  };
  return (message) => {
    if (waiting.length === 0) setImmediate(flush);
    waiting.push(message);
    if (isUrgent(message)) flush();
  };
}

/** A node that begins may end the process: the server must know by then which it was. */
const isUrgent = (message: FromWorker): boolean =>
  message.type === "event" && message.event.type === "node" && message.event.state === "running";
