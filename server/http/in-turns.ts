/**
 * Requests are begun for a slice of each turn of the event loop, the others in the turns after it, in their order: however
 * many come at once, and however long one takes (in a new process several times as long as later), a rush holds this thread
 * for a slice at a time. Whoever looks whether the server is well waits behind none of them.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

/** A reply that is refused takes a fraction of a millisecond, in a new process one or two. */
export const sliceMs = 5;
/** At least so much of what waits is begun in a turn: where turns are long, nobody waits for very many of them. */
export const leastShare = 1 / 8;

export function inTurns(listener: RequestListener, now: () => number = () => performance.now()): RequestListener {
  const waiting: (readonly [IncomingMessage, ServerResponse])[] = [];
  let spentMs = 0;
  let isTurnDue = false;

  function begin(request: IncomingMessage, response: ServerResponse): void {
    const began = now();
    listener(request, response);
    spentMs += now() - began;
    if (isTurnDue) return;
    isTurnDue = true;
    setImmediate(nextTurn);
  }

  function nextTurn(): void {
    isTurnDue = false;
    spentMs = 0;
    const least = Math.ceil(waiting.length * leastShare);
    for (let begun = 0; begun < least || spentMs < sliceMs; begun++) {
      const next = waiting.shift();
      if (!next) return;
      begin(...next);
    }
  }

  return (request, response) => {
    const isFree = waiting.length === 0 && spentMs < sliceMs;
    if (isFree || isHealth(request)) begin(request, response);
    else waiting.push([request, response]);
  };
}

const isHealth = ({ url = "" }: IncomingMessage): boolean => /^\/api\/health(\?|$)/.test(url);
