/**
 * How many runs are taken in. What comes too fast is told at once when to come again, before it costs anything: an answer
 * that comes late is of no use to anybody, and holds up all others.
 */
import { Refusal } from "../refusal.ts";

/** To accept one is a look at its graph and a write that reaches the disk: two cores do about 130 of these in a second. */
export const maxPerSecond = 100;
/** After a pause so many may come at once. */
export const maxAtOnce = 200;
/** What all that came at once waits for its answer: a fraction of a second, or seconds where the machine is at its limits. */
export const mostUnderWay = 50;
/** When so many are under way and the first of them is not answered after this time, the machine does less than that. */
export const [manyUnderWay, longMs] = [10, 500];

export class Intake {
  readonly #now: () => number;
  #left = maxAtOnce;
  #since: number;
  /** When each that is under way came, the first one first. */
  readonly #underWay = new Set<{ readonly came: number }>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#since = now();
  }

  /** Counts a request. Throws a Refusal when it is too much. */
  count(): void {
    const now = this.#now();
    this.#left = Math.min(maxAtOnce, this.#left + ((now - this.#since) / 1_000) * maxPerSecond);
    this.#since = now;
    if (this.#left < 1)
      throw new Refusal("too often", `More than ${maxPerSecond} runs a second are submitted; submit it again later`);
    this.#left--;
    const [first] = this.#underWay;
    if (this.#underWay.size >= manyUnderWay && now - first.came > longMs) throw tooFast();
  }

  /** What is done to accept one. Throws a Refusal where it would wait behind too many. */
  async take<T>(accept: () => Promise<T>): Promise<T> {
    if (this.#underWay.size >= mostUnderWay) throw tooFast();
    const one = { came: this.#now() };
    this.#underWay.add(one);
    try {
      return await accept();
    } finally {
      this.#underWay.delete(one);
    }
  }
}

const tooFast = (): Refusal =>
  new Refusal("unavailable", "Runs are submitted faster than they can be looked at; submit it again later");
