/** Runs that somebody reads now: their events, their pictures, a file. These are not removed by themselves. */
export class InUse {
  readonly #readers = new Map<string, number>();

  has(run: string): boolean {
    return this.#readers.has(run);
  }

  /** Until what this returns is called, however often. */
  hold(run: string): () => void {
    this.#readers.set(run, (this.#readers.get(run) ?? 0) + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const left = (this.#readers.get(run) ?? 0) - 1;
      if (left > 0) this.#readers.set(run, left);
      else this.#readers.delete(run);
    };
  }
}
