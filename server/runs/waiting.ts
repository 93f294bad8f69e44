/**
 * The runs that wait, in the order in which they are due: users take turns, a run each, and each one's own come as they
 * were submitted or put in order, those that go first before the others. So nobody waits for more than one run of each other user,
 * however many these have submitted.
 */

/** Undefined: the owner. */
type By = string | undefined;

export class Waiting {
  /** Of each user who has some. The order of the map is that of the turns. */
  readonly #lines = new Map<By, string[]>();
  readonly #by = new Map<string, By>();
  #places: ReadonlyMap<string, number> | undefined;

  get size(): number {
    return this.#by.size;
  }

  has(id: string): boolean {
    return this.#by.has(id);
  }

  countOf(by: By): number {
    return this.#lines.get(by)?.length ?? 0;
  }

  /** Of one user, or of all, in the order in which they are due. */
  ids(by?: { readonly name: By }): string[] {
    return by ? [...(this.#lines.get(by.name) ?? [])] : [...this.#order().keys()];
  }

  /** How many are due before it; undefined when it does not wait. */
  place(id: string): number | undefined {
    return this.#order().get(id);
  }

  /** `first`: before the others of its user. */
  add(id: string, by: By, { first = false } = {}): void {
    const line = this.#lines.get(by) ?? [];
    this.#lines.set(by, line);
    this.#by.set(id, by);
    if (first) line.unshift(id);
    else line.push(id);
    this.#places = undefined;
  }

  /**
   * Puts one right before or after another of the same user: only that user's runs change places, in the turns that are
   * theirs. Gives the user's line; undefined where one of them does not wait, or they are not one's own.
   */
  move(id: string, side: "before" | "after", other: string): readonly string[] | undefined {
    const by = this.#by.get(id);
    const line = this.#lines.get(by);
    if (!line?.includes(id) || !line.includes(other)) return undefined;
    if (id !== other) {
      line.splice(line.indexOf(id), 1);
      line.splice(line.indexOf(other) + (side === "after" ? 1 : 0), 0, id);
    }
    this.#places = undefined;
    return [...line];
  }

  /** The one that is due. Its user's next turn comes after that of all others who wait. */
  take(): { readonly id: string; readonly by: By } | undefined {
    const [turn] = this.#lines;
    if (!turn) return undefined;
    const [by, line] = turn;
    const id = line.shift() as string;
    this.#by.delete(id);
    this.#lines.delete(by);
    if (line.length > 0) this.#lines.set(by, line);
    this.#places = undefined;
    return { id, by };
  }

  /** They wait no more; gives whose they were. */
  remove(ids: readonly string[]): ReadonlyMap<string, By> {
    const leaving = new Map(ids.flatMap((id) => (this.#by.has(id) ? [[id, this.#by.get(id)] as const] : [])));
    for (const by of new Set(leaving.values())) {
      const left = (this.#lines.get(by) ?? []).filter((id) => !leaving.has(id));
      if (left.length > 0) this.#lines.set(by, left);
      else this.#lines.delete(by);
    }
    for (const id of leaving.keys()) this.#by.delete(id);
    this.#places = undefined;
    return leaving;
  }

  /** Asked for often between two changes, of many: counted once. */
  #order(): ReadonlyMap<string, number> {
    if (this.#places) return this.#places;
    const places = new Map<string, number>();
    let lines = [...this.#lines.values()];
    for (let turn = 0; lines.length > 0; turn++) {
      for (const line of lines) places.set(line[turn], places.size);
      lines = lines.filter(({ length }) => length > turn + 1);
    }
    this.#places = places;
    return places;
  }
}
