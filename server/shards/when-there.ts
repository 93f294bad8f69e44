/** What is not there at the start, as after a power cut, is waited for, however long; what is wrong with it ends the start. */
import { setTimeout as wait } from "node:timers/promises";
import { ConfigurationError } from "../flags/errors.ts";
import type { Say } from "../log/say.ts";

/** It may come by itself, or be well again. */
export class NotThere extends ConfigurationError {}

export interface WhenThereOptions {
  readonly say: Say;
  readonly signal?: AbortSignal | undefined;
  /** Between two attempts, the first and at most: longer and longer. */
  readonly pauseMs?: readonly [first: number, most: number];
}

/** Why it is waited for is said once. Rejects with all but a NotThere, and with the reason of the signal. */
export async function whenThere<T>(
  once: () => Promise<T>,
  { say, signal, pauseMs: [first, most] = [500, 5_000] }: WhenThereOptions,
): Promise<T> {
  let told: string | undefined;
  for (let pauseMs = first; ; pauseMs = Math.min(most, 2 * pauseMs)) {
    try {
      return await once();
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof NotThere)) throw error;
      if (error.message !== told) say(`${error.message}. It is waited for, however long`, { level: "warn" });
      told = error.message;
      await wait(pauseMs, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}
