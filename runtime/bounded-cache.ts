/** Bytes that caches share: what was used least recently goes first, in whichever of them it is. */
export class Budget {
  /** In order of use: the first is the oldest. */
  readonly #entries = new Map<object, { readonly bytes: number; readonly drop: () => void }>();
  #bytes = 0;

  constructor(readonly maxBytes: number) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** Makes room for it; false when there cannot be as much. `drop` is called when it has to go. */
  add(entry: object, bytes: number, drop: () => void): boolean {
    if (bytes > this.maxBytes) return false;
    this.#entries.set(entry, { bytes, drop });
    this.#bytes += bytes;
    for (const [oldest, { drop: dropOldest }] of this.#entries) {
      if (this.#bytes <= this.maxBytes) break;
      this.remove(oldest);
      dropOldest();
    }
    return true;
  }

  use(entry: object): void {
    const held = this.#entries.get(entry);
    if (!held) return;
    this.#entries.delete(entry);
    this.#entries.set(entry, held);
  }

  remove(entry: object): void {
    this.#bytes -= this.#entries.get(entry)?.bytes ?? 0;
    this.#entries.delete(entry);
  }
}

/** Values by a key that is made of all they depend on, within a budget. */
export class BoundedCache<V> {
  readonly #budget: Budget;
  readonly #weigh: (value: V) => number;
  readonly #held = new Map<string, { readonly value: V; readonly bytes: number }>();
  readonly #making = new Map<string, Promise<V>>();
  #bytes = 0;

  /** `weigh`: bytes that a value takes while it is held. */
  constructor(budget: Budget | number, weigh: (value: V) => number) {
    this.#budget = typeof budget === "number" ? new Budget(budget) : budget;
    this.#weigh = weigh;
  }

  /** Of its own values. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): V | undefined {
    const held = this.#held.get(key);
    if (held) this.#budget.use(held);
    return held?.value;
  }

  /** Holds a value. What is larger than the whole budget is not held. */
  set(key: string, value: V): void {
    this.delete(key);
    const held = { value, bytes: this.#weigh(value) };
    if (!this.#budget.add(held, held.bytes, () => this.#forget(key, held.bytes))) return;
    this.#held.set(key, held);
    this.#bytes += held.bytes;
  }

  delete(key: string): void {
    const held = this.#held.get(key);
    if (!held) return;
    this.#budget.remove(held);
    this.#forget(key, held.bytes);
  }

  /** The value of a key, made when it is not held; those who ask meanwhile share it. One that fails is made anew. */
  async getOrMake(key: string, make: () => Promise<V>): Promise<V> {
    const held = this.get(key);
    if (held !== undefined) return held;
    const making = this.#making.get(key) ?? this.#make(key, make);
    this.#making.set(key, making);
    return making;
  }

  async #make(key: string, make: () => Promise<V>): Promise<V> {
    try {
      const value = await make();
      this.set(key, value);
      return value;
    } finally {
      this.#making.delete(key);
    }
  }

  #forget(key: string, bytes: number): void {
    this.#held.delete(key);
    this.#bytes -= bytes;
  }
}
