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

  /** Gives where these begin: behind what there is, or where they belong. */
  add(count: number, batch: number, at = this.#value): number {
    this.#value = Math.max(this.#value, at + count);
    this.#ends.set(batch, this.#value);
    return at;
  }

  /** What it was when that batch was done; those before it are forgotten. */
  at(batch: number): number {
    const end = this.#ends.get(batch) ?? this.#value;
    this.#ends.delete(batch);
    return end;
  }
}
