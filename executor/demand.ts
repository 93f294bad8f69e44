/**
 * What of a list of steps runs only when it is asked for. A lazy input is one that its node may not need (`needs` of a
 * definition says which it does, by its other inputs): what leads to nothing else waits until such a node asks for it, so
 * that a condition that is false costs nothing. Who may ask for what follows from the list alone; who does, from the numbers.
 */
import type { Port } from "../nodes/index.ts";
import type { Uses } from "./slots.ts";
import { bodyOf } from "./step.ts";
import type { NodeStep, Path, PlanStep, Source } from "./types.ts";

/**
 * For each step of a list the last one that may ask for it: itself, where it runs in any case, since nobody reads it or what it
 * writes is among the `ends`, which are read after the list.
 */
function askers(list: readonly Uses[], ends: ReadonlySet<number>): number[] {
  const wanted = new Map<number, { readonly surely: boolean; readonly by: number }>();
  const by: number[] = list.map((_, i) => i);
  for (let i = list.length - 1; i >= 0; i--) {
    const { reads, writes, lazy } = list[i];
    const wishes = writes.flatMap((slot) => wanted.get(slot) ?? []);
    const surely = wishes.length === 0 || wishes.some((wish) => wish.surely) || writes.some((slot) => ends.has(slot));
    if (!surely) by[i] = Math.max(...wishes.map((wish) => wish.by));
    const want = (slot: number, isSure: boolean) => {
      const before = wanted.get(slot);
      wanted.set(slot, { surely: isSure || (before?.surely ?? false), by: Math.max(by[i], before?.by ?? 0) });
    };
    for (const slot of reads) want(slot, surely);
    for (const slot of lazy) want(slot, false);
  }
  return by;
}

/**
 * The inputs that a node may do without. Where all parameters are set, and no wire supplies one, it is known which it needs: these
 * are inputs like any other.
 */
export function lazyInputs({ definition, inputs }: NodeStep): string[] {
  const ports = Object.entries<Port>(definition.inputs).filter(([name]) => Object.hasOwn(inputs, name));
  const lazy = ports.flatMap(([name, port]) => (port.lazy ? [name] : []));
  const set = ports.flatMap(([name, { parameter }]) => (parameter ? [[name, inputs[name]] as const] : []));
  if (lazy.length === 0 || !definition.needs || set.some(([, source]) => !("value" in source))) return lazy;
  const needed = definition.needs(Object.fromEntries(set.map(([name, source]) => [name, (source as Constant).value])));
  return lazy.filter((name) => !needed.includes(name));
}

type Constant = Extract<Source, { readonly value: unknown }>;

/** Whether a step runs whoever reads it: it shows or saves, is run to, or holds what does. */
const mustRun = (step: PlanStep, targets: readonly Path[]): boolean =>
  step.effect || targets.includes(step.path) || bodyOf(step).some((inner) => mustRun(inner, targets));

/** A step that can say which of its lazy reads it needs, once the others are there. */
export interface Asker extends Uses {
  readonly step: PlanStep;
  needs(): readonly number[];
}

/** A list, and who may ask for what of it. */
export class Demand<T extends Asker> {
  readonly list: readonly T[];
  /** By place in the list. */
  readonly askers: readonly number[];
  /** The places of what waits until it is asked for. */
  readonly waiting: readonly number[];
  readonly #makers = new Map<number, number>();

  constructor(list: readonly T[], ends: Iterable<number>, targets: readonly Path[]) {
    this.list = list;
    const run = list.flatMap(({ step, writes }) => (mustRun(step, targets) ? writes : []));
    this.askers = askers(list, new Set([...ends, ...run]));
    this.waiting = list.flatMap((_, i) => (this.askers[i] === i ? [] : [i]));
    if (this.waiting.length > 0)
      for (const [i, { writes }] of list.entries()) for (const slot of writes) this.#makers.set(slot, i);
  }

  isSure(i: number): boolean {
    return this.askers[i] === i;
  }

  /**
   * Step `i` behind what it asks for that is not `done` yet, each after what it needs itself. A step is looked at again when
   * what it asked for has run, so the values must be there by then. `isKnown`: its values need nothing to be there.
   */
  *upTo(i: number, done: Set<number>, isKnown: (step: T) => boolean = () => false): Generator<number> {
    const stack = [i];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (done.has(at)) continue;
      const missing = isKnown(this.list[at]) ? [] : this.#missing(this.list[at], done);
      if (missing.length > 0) stack.push(at, ...missing.reverse());
      else {
        done.add(at);
        yield at;
      }
    }
  }

  #missing(step: T, done: ReadonlySet<number>): number[] {
    const makers = (slots: readonly number[]) => [
      ...new Set(slots.flatMap((slot) => this.#makers.get(slot) ?? []).filter((maker) => !done.has(maker))),
    ];
    const first = makers(step.reads);
    return first.length > 0 || step.lazy.length === 0 ? first : makers(step.needs());
  }
}
