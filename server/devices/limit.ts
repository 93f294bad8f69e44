/** How long a run may be worked at. While it waits for somebody who can draw it nobody works, and nothing counts. */
/** Node's timers fire at once for more. */
const longestTimerMs = 2 ** 31 - 1;

export class Limit {
  readonly #late: () => void;
  #leftMs: number;
  /** When it began to count, as performance.now() tells. */
  #since: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `late` is called once so many milliseconds were counted. */
  constructor(ms: number, late: () => void) {
    this.#leftMs = ms;
    this.#late = late;
  }

  /** Counts from here on, until it is paused. */
  count(): void {
    if (this.#since !== undefined) return;
    this.#since = performance.now();
    this.#timer = setTimeout(() => this.#look(), Math.min(this.#leftMs, longestTimerMs));
  }

  pause(): void {
    if (this.#since === undefined) return;
    clearTimeout(this.#timer);
    this.#leftMs -= performance.now() - this.#since;
    this.#since = undefined;
  }

  /** So many of the milliseconds that were counted were none of work. */
  giveBack(ms: number): void {
    const counts = this.#since !== undefined;
    this.pause();
    this.#leftMs += ms;
    if (counts) this.count();
  }

  #look(): void {
    this.pause();
    if (this.#leftMs > 0) this.count();
    else this.#late();
  }
}
