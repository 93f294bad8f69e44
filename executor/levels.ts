/**
 * Where a loop begins at another step than its x is as noisy as: its network is then told of another noise than there is. How noisy x
 * is is known where nodes made it that say so; what was calculated of it may be anything. A note, it may be meant.
 */
import { type AnyNode, GraphError, type Level, type Ports, type Schedule, type Step } from "../nodes/index.ts";
import type { Feed } from "./feed.ts";
import type { Foretold } from "./foretold.ts";
import { type Item, isIn, isLoopItem, type LoopItem } from "./item.ts";
import { contentKey, type Ledger } from "./ledger.ts";
import { choiceOf } from "./readers.ts";
import type { Placed } from "./scope.ts";
import { stepOf } from "./step-of.ts";
import { wayOf } from "./walk.ts";

/** Notes on loops among the items that are part of a plan. */
export function otherLevels(
  items: readonly Item[],
  all: ReadonlyMap<Placed, Item>,
  foretold: Foretold,
  ledger: Ledger,
): GraphError[] {
  const levels = new Levels(all, foretold);
  return items.filter(isLoopItem).flatMap((loop) => {
    const [start] = (ledger.entry(loop)?.sound && foretold.steps(loop)) || [];
    if (!start) return [];
    const inside = items.filter((item) => isIn(item, loop));
    return [...loop.carried].flatMap(([name, { first }]) => {
      const level = inside.some((item) => takesNoisy(item, name, loop, all)) ? levels.of(first) : undefined;
      if (level === undefined || !isFar(level, start)) return [];
      const schedule = foretold.value(loop.feeds.get("schedule")) as Schedule;
      const way = wayOf(String(foretold.value(loop.feeds.get("order"))));
      const port = way ? "start" : "order";
      return [new GraphError(noteOf(name, level, start, schedule), port, loop.placed.path)];
    });
  });
}

/** Chains of loops and choices that are longer are told nothing of. */
const maxDepth = 100;

class Levels {
  readonly #all: ReadonlyMap<Placed, Item>;
  readonly #foretold: Foretold;
  /** By what is asked: where wires part and meet again, each output is looked at once. */
  readonly #known = new Map<string, number | undefined>();

  constructor(all: ReadonlyMap<Placed, Item>, foretold: Foretold) {
    this.#all = all;
    this.#foretold = foretold;
  }

  /** ᾱ of an x that is made outside of loops, or by one; undefined where it is not known. */
  of(feed: Feed): number | undefined {
    return this.#at(feed, undefined, 0);
  }

  /** `last`: the loop around of whose last step it is asked. */
  #at(feed: Feed | undefined, last: LoopItem | undefined, depth: number): number | undefined {
    const item = feed?.is === "output" ? this.#all.get(feed.of) : undefined;
    if (feed?.is !== "output" || !item || (last && item.within !== last) || depth > maxDepth) return undefined;
    const key = contentKey([feed.of.path, feed.output, last?.placed.path ?? null]);
    if (!this.#known.has(key)) this.#known.set(key, this.#leftBy(item, feed.output, last, depth));
    return this.#known.get(key);
  }

  #leftBy(item: Item, output: string, last: LoopItem | undefined, depth: number): number | undefined {
    // Where the last step leads.
    if (isLoopItem(item)) return this.#at(item.carried.get(output)?.next ?? item.last.get(output), item, depth + 1);
    const level = levelOf(item, output);
    if (level !== undefined) return level === "pure" ? 0 : alphaBar(level, this.#step(stepOf(item, this.#all), last));
    const sides = this.#chosen(item, last).map((side) => this.#at(side, last, depth + 1));
    return sides.every((side) => side === sides[0]) ? sides[0] : undefined;
  }

  #step(feed: Feed | undefined, last: LoopItem | undefined): Step | undefined {
    if (last && isStepOf(feed, last)) return this.#foretold.steps(last)?.at(-1);
    return this.#foretold.value(feed) as Step | undefined;
  }

  /** Of a node that chooses between wires: those that it may give, the one where the choice is known. */
  #chosen(item: Item, last: LoopItem | undefined): Feed[] {
    const ports = Object.entries(((item.placed.entry as AnyNode).inputs ?? {}) as Ports);
    const sides = ports.flatMap(([name, { lazy }]) => (lazy ? [name] : []));
    const choice = choiceOf(item, sides[0]);
    if (!choice) return [];
    const step = last && this.#foretold.steps(last)?.at(-1);
    const at = last && step && { loop: last, step };
    const known = choice.deciding.map(([name, feed]) => [name, this.#foretold.value(feed, at)] as const);
    const isKnown = known.every(([, value]) => value !== undefined);
    const asked = isKnown ? choice.needs(Object.fromEntries(known)) : sides;
    return sides.filter((name) => asked.includes(name)).flatMap((name) => item.feeds.get(name) ?? []);
  }
}

const levelOf = ({ placed: { entry } }: Item, output: string): Level | undefined =>
  (entry as AnyNode | undefined)?.levels?.[output];

function alphaBar(level: Exclude<Level, "pure">, step: Step | undefined): number | undefined {
  if (!step) return undefined;
  const { alphaBar, alphaBarPrev, alphaBarNext } = step.at;
  return { step: alphaBar, earlier: alphaBarPrev, later: alphaBarNext }[level];
}

/** Whether it takes what a loop carries under this name for as noisy as the loop's step is. */
function takesNoisy(item: Item, name: string, loop: LoopItem, all: ReadonlyMap<Placed, Item>): boolean {
  const x = item.feeds.get("x");
  const { climbs = false } = item.placed.entry as Partial<AnyNode>;
  return !climbs && x?.is === "given" && x.by === loop.placed && x.name === name && isStepOf(stepOf(item, all), loop);
}

const isStepOf = (feed: Feed | undefined, loop: LoopItem): boolean =>
  feed?.is === "given" && feed.by === loop.placed && feed.name === "step";

/**
 * Nobody sees that a schedule does not go to the very ends, and who asks for a few steps of it wants their first on pure noise,
 * unless that takes it for more of a picture than of noise; between the ends levels are exact.
 */
function isFar(level: number, { at, index, count }: Step): boolean {
  if (level === 0) return at.alphaBar > (index === count - 1 ? 0.5 : 0.01);
  if (level === 1) return at.alphaBar < 0.99;
  return Math.abs(logSnr(level) - logSnr(at.alphaBar)) > 0.01;
}

const logSnr = (alphaBar: number): number => Math.log(alphaBar / (1 - alphaBar));

function noteOf(name: string, level: number, start: Step, schedule: Schedule): string {
  const begins = `and the loop begins at ${short(start.index)}`;
  const isTop = start.index === start.count - 1;
  if (level === 0 && isTop)
    return `${name} is pure noise, ${begins}, the noisiest step of its schedule, which takes it for a picture with little noise (t ${short(start.t)}): let the schedule have a later timestep`;
  if (level === 0)
    return `${name} is pure noise, ${begins}, which takes it for a picture with less noise: begin at the end of the schedule, or let an Add Noise make ${name} of a picture at that step`;
  if (level === 1)
    return `${name} is a picture without noise, ${begins}, which takes it for noisy: let an Add Noise make it so at that step`;
  const step = stepAt(level, schedule);
  return `${name} is at the level of ${step}, ${begins}: begin at that level, or bring ${name} to the level of ${short(start.index)}`;
}

/** In the loop's own words, where its schedule goes so far. */
function stepAt(level: number, schedule: Schedule): string {
  const noise = Math.sqrt((1 - level) / level);
  try {
    return `step ${short(schedule.indexOf("noise_level", noise))}`;
  } catch {
    return `noise_level ${short(noise)}`;
  }
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
