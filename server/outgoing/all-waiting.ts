/**
 * What waits to leave over all connections together. Each of them is held to its own limit, or to a reply at a time; that is still
 * too much where there are thousands, and replies are made faster than those are found out who take nothing of them.
 */
import type { RequestListener } from "node:http";
import type { Socket } from "node:net";
import { maxPipelined, maxWaitingOfAll } from "./limits.ts";

export interface AllWaitingOptions {
  readonly maxBytes?: number;
  readonly everyMs?: number;
  /** A connection is let go. */
  readonly ended?: (socket: Socket) => void;
}

/** Lets connections go while more waits: those first that took nothing since the last look, of these the fullest. Returns what ends it. */
export function boundAllWaiting(
  sockets: () => Iterable<Socket>,
  { maxBytes = maxWaitingOfAll, everyMs = 200, ended = () => {} }: AllWaitingOptions = {},
): () => void {
  let before = new Map<Socket, number>();
  const look = () => {
    const waiting = [...sockets()]
      .filter(({ writableLength }) => writableLength > 0)
      .map((socket) => {
        const { writableLength: bytes, bytesWritten } = socket;
        const taken = bytesWritten - bytes;
        const last = before.get(socket);
        // One that has only just begun may be quick.
        return { socket, bytes, taken, patience: last === undefined ? 2 : last === taken ? 0 : 1 };
      });
    let sum = waiting.reduce((sum, { bytes }) => sum + bytes, 0);
    if (sum > maxBytes) waiting.sort((a, b) => a.patience - b.patience || b.bytes - a.bytes);
    for (const { socket, bytes } of waiting) {
      if (sum <= maxBytes) break;
      sum -= bytes;
      ended(socket);
      socket.destroy();
    }
    before = new Map(waiting.map(({ socket, taken }) => [socket, taken]));
  };
  const timer = setInterval(look, everyMs).unref();
  return () => clearInterval(timer);
}

/**
 * The same listener, but for a connection over which more is asked than is answered, which is ended: all these replies would be
 * made, and wait for one another.
 */
export function withoutPipelines(listener: RequestListener): RequestListener {
  const under = new WeakMap<Socket, number>();
  const add = (socket: Socket, more: number): number => {
    const sum = (under.get(socket) ?? 0) + more;
    under.set(socket, sum);
    return sum;
  };
  return (request, response) => {
    const { socket } = request;
    response.once("close", () => add(socket, -1));
    // What has come already is told of to its end.
    if (add(socket, 1) > maxPipelined) socket.destroy();
    if (!socket.destroyed) listener(request, response);
  };
}
