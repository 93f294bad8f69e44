/** What lies in a bucket and is of no use any more: it is removed as soon as the store lets it, beside all else. */
import { from, mergeMap } from "rxjs";
import type { Bucket } from "../shards/bucket.ts";
import type { Troubles } from "./troubles.ts";

/** So many are removed side by side. */
const sideBySide = 4;

export class Removals {
  readonly #bucket: Pick<Bucket, "remove">;
  readonly #troubles: Troubles;
  readonly #signal: AbortSignal;
  /** By key; and of it what is being removed. */
  readonly #useless = new Set<string>();
  readonly #removing = new Map<string, Promise<void>>();
  #tidying: Promise<void> | undefined;

  /** `signal`: of the end. */
  constructor(bucket: Pick<Bucket, "remove">, troubles: Troubles, signal: AbortSignal) {
    this.#bucket = bucket;
    this.#troubles = troubles;
    this.#signal = signal;
  }

  add(key: string): void {
    this.#useless.add(key);
  }

  has(key: string): boolean {
    return this.#useless.has(key);
  }

  /** It is of use again. Resolves when nobody is at removing it any more. */
  async spare(key: string): Promise<void> {
    this.#useless.delete(key);
    this.#troubles.passed(key);
    await this.#removing.get(key);
  }

  /** Removes what is there, but what it could not remove a moment ago. Never rejects. */
  tidy(): Promise<void> {
    this.#tidying ??= this.#removeAll().finally(() => {
      this.#tidying = undefined;
    });
    return this.#tidying;
  }

  /** Resolves when nothing is being removed. */
  get settled(): Promise<void> | undefined {
    return this.#tidying;
  }

  async #removeAll(): Promise<void> {
    const due = [...this.#useless].filter((key) => !this.#troubles.isPausing(key));
    const removeOne = async (key: string): Promise<void> => {
      if (!this.#useless.has(key)) return;
      const once = () => this.#bucket.remove(key, this.#signal);
      const removing = this.#troubles.tried(key, this.#signal, once).then((isDone) => {
        if (isDone) this.#useless.delete(key);
        this.#removing.delete(key);
      });
      this.#removing.set(key, removing);
      await removing;
    };
    await from(due)
      .pipe(mergeMap(removeOne, sideBySide))
      .forEach(() => {});
  }
}
