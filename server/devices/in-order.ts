/**
 * What is said of batches that are drawn side by side, as if they were drawn one after the other: of the first that is not
 * done as it comes, of those behind it when their turn is. So a reader needs to know nothing of devices.
 */

export class InOrder<Event extends { readonly type: string }> {
  readonly #say: (event: Event) => void;
  readonly #held = new Map<number, Event[]>();
  /** What is held of each weighs so many characters of JSON. */
  readonly #weights = new Map<number, number>();
  readonly #over: Set<number>;
  #front: number;

  /** `over`: those of which nothing more comes. */
  constructor(say: (event: Event) => void, front: number, over: Iterable<number> = []) {
    this.#say = say;
    this.#front = front;
    this.#over = new Set(over);
    this.#advance();
  }

  /** The batch whose turn it is. */
  get front(): number {
    return this.#front;
  }

  /** What all that is held weighs. */
  get weight(): number {
    return [...this.#weights.values()].reduce((sum, weight) => sum + weight, 0);
  }

  put(batch: number, event: Event): void {
    if (batch === this.#front) {
      this.#say(event);
      return;
    }
    this.#weights.set(batch, (this.#weights.get(batch) ?? 0) + JSON.stringify(event).length);
    const held = this.#held.get(batch);
    if (held) held.push(event);
    else this.#held.set(batch, [event]);
  }

  /** It is said to its end. */
  close(batch: number): void {
    const held = this.#held.get(batch);
    // When its turn comes its loops are over: of each the last step says as much.
    if (held)
      this.#held.set(
        batch,
        held.filter((event, i) => event.type !== "step" || held[i + 1]?.type !== "step"),
      );
    this.#over.add(batch);
    this.#advance();
  }

  /** It is begun anew: what was not said yet is not said. */
  drop(batch: number): void {
    this.#held.delete(batch);
    this.#weights.delete(batch);
  }

  /** What is held of one is said now: the run ends with it. */
  sayNow(batch: number): void {
    for (const event of this.#held.get(batch) ?? []) this.#say(event);
    this.drop(batch);
  }

  #advance(): void {
    while (this.#over.delete(this.#front)) {
      this.#front++;
      this.sayNow(this.#front);
    }
  }
}
