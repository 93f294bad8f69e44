/**
 * Values that follow from what is typed, told before a run: numbers, and the steps that they pick of a schedule. What is computed
 * of them is computed as a run does it, by the nodes themselves, of those that say that they may be called so (`foretold`).
 */
import { GraphError, type Schedule, type Step, scheduleOf } from "../nodes/index.ts";
import type { Feed } from "./feed.ts";
import { boundOf, indices } from "./indices.ts";
import { type Item, isLoopItem, type LoopItem } from "./item.ts";
import { contentKey, type Ledger } from "./ledger.ts";
import type { Placed } from "./scope.ts";

/** A step of a loop's, at which a value is asked for. */
export interface At {
  readonly loop: LoopItem;
  readonly step: Step;
}

/** Longer chains of nodes that compute numbers are told nothing of. */
const maxDepth = 100;

/** So many values are computed step by step, since a graph is looked at whenever somebody changes it. */
const mostComputed = 10_000;

/** What a node gives. */
type Made = Readonly<Record<string, unknown>> | undefined;

/** What a node says of what it is given, and in which step first, if that is one of a loop. */
interface Refused {
  readonly error: GraphError;
  readonly at: At | undefined;
}

export class Foretold {
  readonly #all: ReadonlyMap<Placed, Item>;
  readonly #ledger: Ledger;
  readonly #steps = new Map<LoopItem, readonly Step[] | undefined>();
  readonly #along = new Map<string, readonly unknown[] | undefined>();
  #left = mostComputed;
  readonly #refused = new Map<Item, Refused>();

  constructor(all: ReadonlyMap<Placed, Item>, ledger: Ledger) {
    this.#all = all;
    this.#ledger = ledger;
  }

  /** Undefined where only a run knows it. */
  value(feed: Feed | undefined, at?: At): unknown {
    return this.#value(feed, at, new Map(), 0);
  }

  /**
   * In each step of a loop, or outside of loops the one; of a loop whose steps are not known what does not change with
   * them. Undefined where only a run knows one of them.
   */
  along(feed: Feed | undefined, loop: LoopItem | undefined): readonly unknown[] | undefined {
    const steps = loop && this.steps(loop);
    if (steps && feed?.is === "given" && feed.name === "step" && feed.by === loop.placed) return steps;
    if (!feed || feed.is === "nothing") return undefined;
    const home = this.#ledger.home(feed);
    if (home !== undefined && (home !== loop || !steps)) return undefined;
    const key = contentKey([this.#ledger.identity(feed), loop?.placed.path ?? null]);
    if (!this.#along.has(key)) this.#along.set(key, this.#computed(feed, loop, home ? steps : undefined));
    return this.#along.get(key);
  }

  #computed(
    feed: Feed,
    loop: LoopItem | undefined,
    steps: readonly Step[] | undefined,
  ): readonly unknown[] | undefined {
    const count = (loop && this.steps(loop)?.length) ?? 1;
    if (steps && steps.length > this.#left) return undefined;
    if (steps) this.#left -= steps.length;
    const values = steps
      ? steps.map((step) => this.value(feed, { loop: loop as LoopItem, step }))
      : new Array(count).fill(this.value(feed));
    return values.includes(undefined) ? undefined : values;
  }

  #value(feed: Feed | undefined, at: At | undefined, made: Map<Item, Made>, depth: number): unknown {
    if (feed?.is === "value") return feed.value;
    if (feed?.is === "given") return feed.name === "step" && feed.by === at?.loop.placed ? at.step : undefined;
    const item = feed?.is === "output" ? this.#all.get(feed.of) : undefined;
    if (feed?.is !== "output" || !item || isLoopItem(item) || depth > maxDepth) return undefined;
    const isSchedule = item.placed.outputs.get(feed.output)?.kind === "schedule";
    const schedule = isSchedule ? scheduleOf(this.#ledger.facts(feed) ?? {}) : undefined;
    if (schedule) return schedule;
    if (!made.has(item)) made.set(item, this.#made(item, at, made, depth));
    return made.get(item)?.[feed.output];
  }

  #made(item: Item, at: At | undefined, made: Map<Item, Made>, depth: number): Made {
    const { entry } = item.placed;
    if (!entry || !("run" in entry) || !entry.foretold || !this.#ledger.entry(item)?.sound) return undefined;
    const inputs: Record<string, unknown> = {};
    for (const [name, feed] of item.feeds) {
      if (feed.is === "nothing") continue;
      inputs[name] = this.#value(feed, at, made, depth + 1);
      if (inputs[name] === undefined) return undefined;
    }
    try {
      const made: Made | Promise<unknown> = entry.run(inputs, {} as never);
      if (!(made instanceof Promise)) return made;
      // It does not do what it says. Nobody waits for it here.
      made.catch(() => {});
      return undefined;
    } catch (error) {
      // The run says what is wrong.
      if (error instanceof GraphError && !this.#refused.has(item)) this.#refused.set(item, { error, at });
      return undefined;
    }
  }

  /** Where what it is given has no result, or a loop no steps. */
  refused(item: Item): Refused | undefined {
    const [output] = item.placed.outputs.keys();
    if (isLoopItem(item)) this.steps(item);
    else if (output !== undefined && this.#ledger.entry(item)?.sound)
      this.along({ is: "output", of: item.placed, output }, this.#ledger.entry(item)?.home);
    return this.#refused.get(item);
  }

  /** The steps of a loop, where they are the same in each turn of those around it. */
  steps(loop: LoopItem): readonly Step[] | undefined {
    if (!this.#steps.has(loop)) this.#steps.set(loop, this.#stepsOf(loop));
    return this.#steps.get(loop);
  }

  #stepsOf(loop: LoopItem): readonly Step[] | undefined {
    if (!this.#ledger.entry(loop)?.sound) return undefined;
    const schedule = this.value(loop.feeds.get("schedule")) as Schedule | undefined;
    const [order, start, stop] = ["order", "start", "stop"].map((port) => this.value(loop.feeds.get(port)));
    if (!schedule || typeof order !== "string" || typeof start !== "number" || typeof stop !== "number")
      return undefined;
    const bound = (port: string, value: number) => {
      const feed = loop.feeds.get(port);
      return feed?.is === "value" ? boundOf({ value }, value) : value;
    };
    try {
      return schedule.along(indices(schedule, order, bound("start", start), bound("stop", stop)));
    } catch (error) {
      if (error instanceof GraphError) this.#refused.set(loop, { error, at: undefined });
      return undefined;
    }
  }
}
