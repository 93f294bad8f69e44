/**
 * What somebody asked to see of what a run takes from the cache: the last value seen at each such output is kept beside the values
 * of the step that holds it. Where there is none yet, the step is computed once more, however well its values are known.
 */
import type { Cache } from "./cache.ts";
import type { Demand } from "./demand.ts";
import type { Op, Watching } from "./op.ts";
import { outputKey } from "./step.ts";

export class Sights {
  /** By the step that runs in any case: of what is computed only if it is asked for, by the one that may ask. */
  readonly #asked = new Map<Op, Watching[]>();
  readonly #last = new Map<string, unknown>();

  constructor(watch: readonly Watching[], { list, askers }: Demand<Op>) {
    for (const one of watch) {
      const at = one.watch.asked ? list.findIndex(({ step: { path } }) => isWithin(one.path, path)) : -1;
      const holder = list[askers[at]];
      if (holder) this.#asked.set(holder, [...this.in(holder), one]);
    }
  }

  /** What is asked of a step. */
  in(op: Op): readonly Watching[] {
    return this.#asked.get(op) ?? [];
  }

  /** What its own values do not tell. */
  #inside(op: Op): readonly Watching[] {
    return this.in(op).filter(({ path }) => path !== op.step.path || op.step.is === "drawn");
  }

  saw(path: string, output: string, value: unknown): void {
    this.#last.set(outputKey(path, output), value);
  }

  forget(op: Op): void {
    for (const { path, output } of this.#inside(op)) this.#last.delete(outputKey(path, output));
  }

  /** Also that there was nothing: a step that does without it in one run does so in the next. */
  keep(op: Op, key: string, cache: Cache | undefined): void {
    for (const one of this.#inside(op))
      cache?.set(keyAt(key, one), { value: this.#last.get(outputKey(one.path, one.output)) });
  }

  /** What was seen when the step of this key was computed; undefined where nobody asked for all of it. */
  kept(op: Op, key: string, cache: Cache | undefined): readonly (readonly [Watching, unknown])[] | undefined {
    const all = this.#inside(op).map((one) => [one, cache?.get(keyAt(key, one))] as const);
    const there = all.flatMap(([one, values]) => (values ? [[one, values.value] as const] : []));
    return there.length === all.length ? there : undefined;
  }
}

const isWithin = (path: string, holder: string): boolean => path === holder || path.startsWith(`${holder}/`);

const keyAt = (key: string, { path, output }: Watching): string => `${key} seen ${outputKey(path, output)}`;
