/**
 * Where values are kept while a plan runs: each source of the plan gets a number once, so that no step looks anything
 * up by name, and each value is let go after its last reader.
 */
import type { Source } from "./types.ts";

export interface Slots {
  of(source: Source): number;
  output(path: string, output: string): number;
  given(by: string, name: string): number;
  /** The values at the start of a run: constants; the rest is undefined. */
  initial(): unknown[];
}

export function slots(): Slots {
  const numbers = new Map<string, number>();
  const values: unknown[] = [];
  const numbered = (key: string): number => {
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, values.length);
    return values.push(undefined) - 1;
  };
  const output = (path: string, name: string) => numbered(`output ${path} ${name}`);
  const given = (by: string, name: string) => numbered(`given ${by} ${name}`);
  return {
    output,
    given,
    of(source) {
      if ("from" in source) return output(source.from, source.output);
      if ("given" in source) return given(source.by, source.given);
      return values.push(source.value) - 1;
    },
    initial: () => [...values],
  };
}

/** What a list of steps does with slots, seen from outside. */
export interface Uses {
  readonly reads: readonly number[];
  readonly writes: readonly number[];
  /** What it may read beside. */
  readonly lazy: readonly number[];
}

/**
 * For each step of a list, the slots to empty after it: those that the list fills, at their last reader or where they
 * are filled when nobody reads them; not those in `kept`, which are read after the list. `askers`: by which step at the latest
 * each has run (`Demand`).
 */
export function releases(list: readonly Uses[], kept: ReadonlySet<number>, askers: readonly number[]): number[][] {
  const last = new Map<number, number>();
  for (const [i, { writes }] of list.entries()) for (const slot of writes) last.set(slot, askers[i]);
  for (const [i, { reads, lazy }] of list.entries())
    for (const slot of [...reads, ...lazy])
      if (last.has(slot)) last.set(slot, Math.max(last.get(slot) ?? 0, askers[i]));
  const release = list.map((): number[] => []);
  for (const [slot, i] of last) if (!kept.has(slot)) release[i].push(slot);
  return release;
}
