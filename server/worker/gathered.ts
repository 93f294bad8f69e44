/**
 * Messages that belong to one moment travel together: each that is sent alone wakes the server, and takes from the
 * processor that computes.
 */
import type { FromWorker } from "../channel/messages.ts";

/** So long the steps of a loop and its pictures may wait: nobody sees it. */
const patienceMs = 40;

/** What it returns takes messages; `send` gets those of a moment, at the latest before the next model call. */
export function gathered(send: (messages: readonly FromWorker[]) => void): (message: FromWorker) => void {
  let waiting: FromWorker[] = [];
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;
  const flush = () => {
    clearTimeout(timer);
    if (immediate) clearImmediate(immediate);
    timer = immediate = undefined;
    if (waiting.length === 0) return;
    send(waiting);
    waiting = [];
  };
  return (message) => {
    waiting.push(message);
    if (endsProcess(message)) flush();
    else if (hasTime(message)) timer ??= setTimeout(flush, patienceMs);
    else immediate ??= setImmediate(flush);
  };
}

/** A node that begins may end the process: the server must know by then which it was. */
const endsProcess = (message: FromWorker): boolean =>
  message.type === "event" && message.event.type === "node" && message.event.state === "running";

const hasTime = (message: FromWorker): boolean =>
  message.type === "preview" || (message.type === "event" && message.event.type === "step");
