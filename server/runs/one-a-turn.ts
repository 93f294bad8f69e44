/**
 * Lets callers through one a turn of the event loop, in the order in which they came: what comes between two of them (a look
 * at the server's health, another's event) waits for one. `setImmediate` by itself does not: all that ask for the next turn
 * have the same one.
 */
import { setImmediate as turn } from "node:timers/promises";

export function oneATurn(): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return () => {
    last = last.then(() => turn());
    return last;
  };
}
