/**
 * How many runs are taken in. What comes too fast is told at once when to come again, before it costs anything: an answer
 * that comes late is of no use to anybody, and holds up all others.
 */
import { Refusal } from "../refusal.ts";

/** To accept one is a look at its graph and a write that reaches the disk: two cores do about 130 of these in a second. */
export const maxPerSecond = 100;
/** After a pause so many may come at once. */
export const maxAtOnce = 200;
/** Of one named user: the others come in while that one submits all it can. */
export const shareOfOne = 1 / 2;
/** What all that came at once waits for its answer: a fraction of a second, or seconds where the machine is at its limits. */
export const mostUnderWay = 50;
/** When so many are under way and the first of them is not answered after this time, the machine does less than that. */
export const [manyUnderWay, longMs] = [10, 500];

/** So many at once, and then so many a second. */
class Allowance {
  readonly #share: number;
  #left: number;
  #since: number;

  constructor(share: number, now: number) {
    this.#share = share;
    this.#left = maxAtOnce * share;
    this.#since = now;
  }

  isSpent(now: number): boolean {
    const grown = this.#left + ((now - this.#since) / 1_000) * maxPerSecond * this.#share;
    this.#left = Math.min(maxAtOnce * this.#share, grown);
    this.#since = now;
    return this.#left < 1;
  }

  spend(): void {
    this.#left--;
  }
}

export class Intake {
  readonly #now: () => number;
  readonly #all: Allowance;
  /** Of users who have a name: as many as the token file has. */
  readonly #each = new Map<string, Allowance>();
  /** When each that is under way came, the first one first. */
  readonly #underWay = new Set<{ readonly came: number; readonly by: string | undefined }>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#all = new Allowance(1, now());
  }

  /** Counts a request, of a named user or the owner. Throws a Refusal when it is too much of one, or of all. */
  count(by?: string): void {
    const now = this.#now();
    const own = by === undefined ? undefined : (this.#each.get(by) ?? new Allowance(shareOfOne, now));
    if (by !== undefined && own) this.#each.set(by, own);
    if (own?.isSpent(now))
      throw new Refusal(
        "too often",
        `You submit more than ${maxPerSecond * shareOfOne} runs a second; try again later`,
      );
    if (this.#all.isSpent(now))
      throw new Refusal("too often", `More than ${maxPerSecond} runs a second are submitted; submit it again later`);
    own?.spend();
    this.#all.spend();
    // Told before its body is read.
    if (this.#isFullFor(by)) throw tooFast();
    const [first] = this.#underWay;
    if (this.#underWay.size >= manyUnderWay && now - first.came > longMs) throw tooFast();
  }

  /** What is done to accept one. Throws a Refusal where it would wait behind too many. */
  async take<T>(accept: () => Promise<T>, by?: string): Promise<T> {
    if (this.#isFullFor(by)) throw tooFast();
    const one = { came: this.#now(), by };
    this.#underWay.add(one);
    try {
      return await accept();
    } finally {
      this.#underWay.delete(one);
    }
  }

  #isFullFor(by: string | undefined): boolean {
    const own = by === undefined ? 0 : [...this.#underWay].filter((one) => one.by === by).length;
    return this.#underWay.size >= mostUnderWay || own >= mostUnderWay * shareOfOne;
  }
}

const tooFast = (): Refusal =>
  new Refusal("unavailable", "Runs are submitted faster than they can be looked at; submit it again later");
