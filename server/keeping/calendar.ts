/**
 * The date by which runs go. A machine's clock may jump: one that goes ahead of the time that has passed is not believed at once,
 * or a year set wrong for a minute would remove everything. It may also be right: the machine slept, or its clock was wrong before.
 */
import type { Say } from "../log/say.ts";
import { durationText } from "../units.ts";

/** A clock that is put right bit by bit is not ahead. */
const slackMs = 60_000;
/** Whoever sees to a clock that was set wrong does so, or a time server does, before this is over. */
export const disbeliefMs = 3_600_000;

export class Calendar {
  readonly #say: Say;
  readonly #clock: () => number;
  readonly #passed: () => number;
  /** When both were last believed. */
  #known: { readonly date: number; readonly passed: number };
  /** Since when the clock is ahead. */
  #aheadSince: number | undefined;

  /** `clock`: the date, in ms; `passed`: ms that no clock's hands change. */
  constructor(say: Say, clock: () => number = Date.now, passed: () => number = () => performance.now()) {
    this.#say = say;
    this.#clock = clock;
    this.#passed = passed;
    this.#known = { date: clock(), passed: passed() };
  }

  /** The clock's date, or an earlier one; in ms since 1970. */
  now(): number {
    const [date, passed] = [this.#clock(), this.#passed()];
    const expected = this.#known.date + passed - this.#known.passed;
    const isAhead = date > expected + slackMs;
    if (isAhead && this.#aheadSince === undefined) this.#tell(date - expected);
    this.#aheadSince = isAhead ? (this.#aheadSince ?? passed) : undefined;
    if (this.#aheadSince !== undefined && passed - this.#aheadSince < disbeliefMs) return expected;
    this.#aheadSince = undefined;
    this.#known = { date, passed };
    return date;
  }

  #tell(ms: number): void {
    this.#say(
      `The clock went ahead by ${durationText(ms)}: if that stays so for ${durationText(disbeliefMs)}, runs and the trash are older by as much`,
      { level: "warn" },
    );
  }
}
