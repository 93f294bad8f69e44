/**
 * How long a run was worked at, by devices side by side. Whether somebody worked or only tried what it cannot do is known when
 * it says so; then the time in which nobody else worked, or may have, is none of work.
 */

/** Since when, until when, in ms. */
type Interval = readonly [from: number, to: number];

export class Worked<Who> {
  /** Since when somebody is at something of which nobody knows yet. */
  readonly #open = new Map<Who, number>();
  /** Somebody worked: apart from each other, the oldest first, as far as one of those who are at something may overlap. */
  #known: readonly Interval[] = [];

  begin(who: Who, now: number): void {
    this.#open.set(who, now);
  }

  /** It worked up to now, and goes on. */
  did(who: Who, now: number): void {
    const from = this.#open.get(who);
    if (from === undefined) return;
    this.#open.set(who, now);
    this.#keep([from, now]);
  }

  /** It worked up to now, and is gone. */
  left(who: Who, now: number): void {
    this.did(who, now);
    this.#open.delete(who);
    if (this.#open.size === 0) this.#known = [];
  }

  /** It could not do what it was at since it began, or did something last. In how much of that nobody else worked. */
  couldNot(who: Who, now: number): number {
    const from = this.#open.get(who) ?? now;
    this.#open.delete(who);
    // Those who are still at something may be refused too: then what they have in common with this is theirs to give back.
    const until = Math.min(now, ...this.#open.values());
    const worked = this.#known.reduce((sum, [a, b]) => sum + Math.max(0, Math.min(b, until) - Math.max(a, from)), 0);
    if (this.#open.size === 0) this.#known = [];
    return Math.max(0, until - from - worked);
  }

  #keep(one: Interval): void {
    const since = Math.min(...this.#open.values());
    const apart = this.#known.filter(([a, b]) => b > since && (b < one[0] || a > one[1]));
    const joined = this.#known.filter(([a, b]) => b >= one[0] && a <= one[1]);
    const whole: Interval = [
      Math.min(one[0], ...joined.map(([a]) => a)),
      Math.max(one[1], ...joined.map(([, b]) => b)),
    ];
    this.#known = [...apart, whole].sort(([a], [b]) => a - b);
  }
}
