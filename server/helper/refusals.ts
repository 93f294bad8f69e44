/**
 * What this machine could not draw, by order: it refuses that one for a while, longer each time, and takes all others. A device
 * that lacks something for one run costs no other run anything.
 */

interface Refusal {
  readonly run: string;
  readonly why: string;
  readonly until: number;
  readonly pauseMs: number;
}

/** After it could not do something, longer and longer. */
const [firstPauseMs, longestPauseMs] = [2_000, 60_000];
export const pausesText = "2, 4 … 60 s";
/** The oldest are forgotten, and tried again. */
const refusalsKept = 100;

export class Refusals {
  readonly #refusals = new Map<string, Refusal>();
  readonly #now: () => number;

  /** `now`: in ms. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Why shards of an order are refused now, by its hash; undefined where one may be tried. */
  of(order: string): string | undefined {
    const refusal = this.#refusals.get(order);
    return refusal && this.#isHeld(refusal) ? refusal.why : undefined;
  }

  /**
   * One was tried, and could not be drawn: whether that is news. No other of its order is tried for a while; shards that were
   * tried side by side count once.
   */
  refuse(order: string, run: string, why: string): boolean {
    const before = this.#refusals.get(order);
    const isHeld = before !== undefined && this.#isHeld(before);
    const pauseMs = isHeld ? before.pauseMs : before ? Math.min(longestPauseMs, 2 * before.pauseMs) : firstPauseMs;
    this.#refusals.delete(order);
    this.#refusals.set(order, { run, why, until: this.#now() + pauseMs, pauseMs });
    const [oldest] = this.#refusals.keys();
    if (this.#refusals.size > refusalsKept) this.#refusals.delete(oldest);
    return before?.why !== why;
  }

  /** One was drawn. */
  drawn(order: string): void {
    this.#refusals.delete(order);
  }

  /** The runs that are refused now. */
  get all(): Pick<Refusal, "run" | "why">[] {
    return [...this.#refusals.values()].filter((one) => this.#isHeld(one)).map(({ run, why }) => ({ run, why }));
  }

  #isHeld({ until }: Refusal): boolean {
    return this.#now() < until;
  }
}
