/**
 * Who draws which batch of a run. Each is given out once, lowest first, and given back when whoever had it is gone; the end,
 * which makes the files that hold all of them, comes when all are done. It knows no processes and no time.
 */

/** A batch, from 0; the number of batches stands for the end. */
export type Item = number;

/** Whether somebody may be given a batch that is so many ahead of the first that is not done, or the end. */
export type May<Who> = (who: Who, what: "batch" | "end", ahead: number) => boolean;

/** So far may somebody be ahead unless it is said: what is told of those is held in memory. */
export const maxAhead = 256;

export class Share<Who> {
  readonly end: Item;
  readonly #all: () => readonly Who[];
  readonly #may: May<Who>;
  readonly #done: Set<Item>;
  readonly #hands = new Map<Who, Item[]>();
  /** Batches that others were at before this began, by the piece: whole for who waits for them, else the last to be given. */
  #begun: readonly (readonly Item[])[];
  /** All that these were. */
  readonly #setAside: ReadonlySet<Item>;
  /** Given back, lowest first; all from `#next` on were never given. */
  readonly #returned: Item[] = [];
  /** "begin": before they were given a batch. */
  readonly #failed = new Map<Item | "begin", Set<Who>>();
  #next: Item;
  /** All below it are done. */
  #front: Item;

  /** Of `batches`, from `first` on; some are done already. `all`: who might take some; `may`: who may take what. */
  constructor(
    batches: number,
    {
      first = 0,
      done = [],
      begun = [],
      all,
      may = (_who, _what, ahead) => ahead < maxAhead,
    }: {
      readonly first?: number;
      readonly done?: Iterable<number>;
      readonly begun?: readonly { readonly from: number; readonly to: number }[];
      readonly all: () => readonly Who[];
      readonly may?: May<Who>;
    },
  ) {
    this.end = batches;
    this.#all = all;
    this.#may = may;
    this.#done = new Set(done);
    this.#begun = begun
      .map(({ from, to }) => Array.from({ length: Math.min(to, batches) - from }, (_, i) => from + i))
      .filter((items) => items.every((item) => item >= first && !this.#done.has(item)));
    this.#setAside = new Set(this.#begun.flat());
    this.#next = first;
    this.#front = first;
    this.#advance();
  }

  /** What somebody is at, the oldest first. */
  of(who: Who): readonly Item[] {
    return this.#hands.get(who) ?? [];
  }

  /** Whether there is something to do for somebody who would come. */
  has(who: Who): boolean {
    return this.#find(who) !== undefined;
  }

  /** Whether all batches are done. */
  get isDone(): boolean {
    return this.#front === this.end;
  }

  /** How many are not given to anybody. */
  get left(): number {
    const [next, aside] = [Math.min(this.#next, this.end), [...this.#setAside]];
    const notAside = this.end - next - aside.filter((item) => item >= next).length;
    return notAside + this.#begun.flat().length + this.#returned.length;
  }

  /**
   * The next for somebody, at most so many that follow one another; not what this one has failed at, while another might do
   * better. Nothing where there is none.
   */
  take(who: Who, most = 1): readonly Item[] {
    const items: Item[] = [];
    while (items.length < most) {
      const item = this.#find(who);
      if (item === undefined || (items.length > 0 && (item !== items[0] + items.length || item === this.end))) break;
      this.#breakUp(item);
      const at = this.#returned.indexOf(item);
      if (at >= 0) this.#returned.splice(at, 1);
      else this.#next = item + 1;
      items.push(item);
    }
    if (items.length > 0) this.#hands.set(who, [...this.of(who), ...items]);
    return items;
  }

  /** A whole piece that others were at before this began, for who waits for it; nothing where there is none. */
  takeBegun(who: Who): readonly Item[] {
    const items = this.#begun.find(([first]) => this.#mayTake(who, first)) ?? [];
    this.#begun = this.#begun.filter((one) => one !== items);
    if (items.length > 0) this.#hands.set(who, [...this.of(who), ...items]);
    return items;
  }

  /** Somebody did it: it is nobody's to do again, and counts when it is kept. */
  did(who: Who, item: Item): void {
    this.#hands.set(
      who,
      this.of(who).filter((one) => one !== item),
    );
  }

  keep(item: Item): void {
    this.#done.add(item);
    for (const at of [item, "begin" as const]) this.#failed.delete(at);
    this.#advance();
  }

  /** Somebody is gone: what this one had, others may take. `isFault`: by what it was at, or as it began. */
  giveBack(who: Who, isFault: boolean): readonly Item[] {
    const items = this.of(who);
    this.#hands.delete(who);
    this.#returned.push(...items);
    this.#returned.sort((a, b) => a - b);
    if (!isFault) return items;
    const [at = "begin" as const] = items;
    this.#failed.set(at, (this.#failed.get(at) ?? new Set()).add(who));
    return items;
  }

  /** Who has failed at what somebody was at when it failed last. */
  failedWith(items: readonly Item[]): ReadonlySet<Who> {
    return this.#failed.get(items[0] ?? "begin") ?? new Set();
  }

  #find(who: Who): Item | undefined {
    const mayTake = (item: Item | "begin") => this.#mayTake(who, item);
    if (!mayTake("begin")) return undefined;
    const returned = this.#returned.find(mayTake);
    if (returned !== undefined) return returned;
    let next = this.#next;
    while (this.#done.has(next) || this.#setAside.has(next)) next++;
    const isDue = next < this.end || (next === this.end && this.isDone);
    if (isDue && mayTake(next)) return next;
    return this.#begun.map(([first]) => first).find(mayTake);
  }

  #mayTake(who: Who, item: Item | "begin"): boolean {
    if (item !== "begin" && !this.#may(who, item === this.end ? "end" : "batch", item - this.#front)) return false;
    const failed = this.#failed.get(item);
    return !failed?.has(who) || this.#all().every((one) => failed.has(one));
  }

  /** The piece that a batch is of is given like all else. */
  #breakUp(item: Item): void {
    const piece = this.#begun.find((items) => items.includes(item));
    if (!piece) return;
    this.#begun = this.#begun.filter((one) => one !== piece);
    this.#returned.push(...piece);
    this.#returned.sort((a, b) => a - b);
  }

  #advance(): void {
    while (this.#front < this.end && this.#done.has(this.#front)) this.#front++;
  }
}
