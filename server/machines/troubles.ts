/**
 * What does not succeed and is tried again without end, each thing by its name after 1, 2, 4 … 60 s. The first that fails is
 * said, and when all is well again: what stays is for whoever asks how the server is.
 */

const [firstPauseMs, longestPauseMs] = [1_000, 60_000];

interface Trouble {
  readonly why: string;
  readonly pauseMs: number;
  /** As performance.now() tells. */
  readonly until: number;
}

export interface TroublesOptions {
  /** Takes what failed first. */
  readonly began: (why: string) => void;
  /** There is none any more. */
  readonly ended: () => void;
  readonly firstMs?: number;
}

export class Troubles {
  readonly #options: TroublesOptions;
  readonly #all = new Map<string, Trouble>();

  constructor(options: TroublesOptions) {
    this.#options = options;
  }

  /** Of the oldest. */
  get why(): string | undefined {
    const [oldest] = this.#all.values();
    return oldest?.why;
  }

  whyOf(name: string): string | undefined {
    return this.#all.get(name)?.why;
  }

  isPausing(name: string): boolean {
    return performance.now() < (this.#all.get(name)?.until ?? 0);
  }

  get names(): readonly string[] {
    return [...this.#all.keys()];
  }

  /** Whether it was done; what was not, is to be tried again, unless `signal` was aborted meanwhile. Never rejects. */
  async tried(name: string, signal: AbortSignal, once: () => Promise<void>): Promise<boolean> {
    try {
      await once();
      this.passed(name);
      return true;
    } catch (error) {
      if (!signal.aborted) this.failed(name, error);
      return false;
    }
  }

  failed(name: string, error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    const before = this.#all.get(name);
    const pauseMs = before ? Math.min(longestPauseMs, 2 * before.pauseMs) : (this.#options.firstMs ?? firstPauseMs);
    const isFirst = this.#all.size === 0;
    this.#all.set(name, { why, pauseMs, until: performance.now() + pauseMs });
    if (isFirst) this.#options.began(why);
  }

  /** It was done, or is of no use any more. */
  passed(name: string): void {
    if (this.#all.delete(name) && this.#all.size === 0) this.#options.ended();
  }
}
