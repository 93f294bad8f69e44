/** A count that grows, and what it was at the end of each batch: the next one may have begun when a batch is noted. */
export class Marked {
  readonly #ends = new Map<number, number>();
  #value: number;

  constructor(value: number) {
    this.#value = value;
  }

  get value(): number {
    return this.#value;
  }

  /** Gives what it was before. */
  add(count: number, batch: number): number {
    const before = this.#value;
    this.#value += count;
    this.#ends.set(batch, this.#value);
    return before;
  }

  /** What it was when that batch was done; earlier ones are forgotten. */
  at(batch: number): number {
    const end = this.#ends.get(batch) ?? this.#value;
    for (const earlier of this.#ends.keys()) if (earlier < batch) this.#ends.delete(earlier);
    return end;
  }
}
