/** Work that several wait for is done once, and each waits as long as it wants: it is ended when nobody waits any more. */

interface Going<T> {
  readonly result: Promise<T>;
  readonly end: AbortController;
  waiting: number;
}

export class InCommon<T> {
  readonly #going = new Map<string, Going<T>>();

  /** The result of what goes by this key, begun where nobody has. Rejects as it does, or with the reason of `signal`; without one it is waited for. */
  async wait(key: string, work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    let onAbort = () => {};
    const left = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal?.reason);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
    left.catch(() => {});
    try {
      // What was ended may be writing still.
      for (let last = this.#going.get(key); last?.end.signal.aborted; last = this.#going.get(key))
        await Promise.race([last.result.catch(() => {}), left]);
      return await this.#join(this.#going.get(key) ?? this.#begin(key, work), left);
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async #join(going: Going<T>, left: Promise<never>): Promise<T> {
    going.waiting++;
    try {
      return await Promise.race([going.result, left]);
    } finally {
      if (--going.waiting === 0) going.end.abort(new Error("Nobody waits for it any more"));
    }
  }

  #begin(key: string, work: (signal: AbortSignal) => Promise<T>): Going<T> {
    const end = new AbortController();
    const result = work(end.signal).finally(() => this.#going.delete(key));
    result.catch(() => {});
    const going = { result, end, waiting: 0 };
    this.#going.set(key, going);
    return going;
  }
}
