/**
 * From items in order to the steps of a plan: facts inferred, parameters checked, keys made, and each step put where
 * it has to run: in its loop, once before it, or before all loops.
 *
 * What is wrong with one node is no reason not to look at those behind it: they are asked too, and told of what is wired
 * but not known as a wire without facts. So one look finds everything that nodes can judge alone.
 */
import { type AnyNode, GraphError, type Known, type Port, type Structure } from "../nodes/index.ts";
import { errorAt } from "./errors.ts";
import { type Feed, feedOf, sourceOf } from "./feed.ts";
import { type Item, isLoopItem, type LoopItem } from "./items.ts";
import { contentKey, innermost, Ledger } from "./ledger.ts";
import { carriedProblem, feedProblem, indexProblem } from "./problems.ts";
import type { Placed } from "./scope.ts";
import type { KnownModels, LoopStep, NodeStep, PlanStep, Source } from "./types.ts";

export interface Planning {
  readonly all: ReadonlyMap<Placed, Item>;
  /** The items of one body that are looked at, in order. */
  inOrder(body: readonly Item[]): readonly Item[];
  /** Whether an output of a loop is looked at, and whether an item or an output is part of the plan. */
  looksAt(loop: LoopItem, output: string): boolean;
  needs(item: Item, output?: string): boolean;
  readonly cyclic: ReadonlySet<Item>;
  readonly known: KnownModels;
  readonly problems: GraphError[];
}

interface Inputs {
  /** What is there and right in itself. */
  readonly sources: Readonly<Record<string, Source>>;
  readonly facts: Readonly<Record<string, object | undefined>>;
  /** Nothing is wrong here or before. */
  readonly sound: boolean;
}

interface Body {
  readonly once: PlanStep[];
  readonly each: PlanStep[];
}

export class StepPlanner {
  readonly steps: PlanStep[] = [];
  readonly #bodies = new Map<LoopItem, Body>();
  readonly #ledger: Ledger;
  readonly #planning: Planning;

  constructor(planning: Planning) {
    this.#planning = planning;
    this.#ledger = new Ledger(planning.all);
  }

  /** Plans the items of a body, given in order. An item runs as far out as what it depends on lets it. */
  plan(items: readonly Item[]): void {
    for (const item of items) {
      const step = isLoopItem(item) ? this.#planLoop(item) : this.#planNode(item);
      const home = this.#ledger.homeOf(item);
      if (!this.#planning.needs(item)) continue;
      if (!home) this.steps.push(step);
      else if (home === item.within) this.#bodies.get(home)?.each.push(step);
      else this.#bodies.get(loopInside(home, item))?.once.push(step);
    }
  }

  #planNode(item: Item): NodeStep {
    const { path, title, entry, outputs } = item.placed;
    const definition = entry as AnyNode;
    const { sources, ...inputs } = this.#readInputs(item);
    const files: unknown[] = [];
    const inferred = this.#infer(item, { sources, ...inputs }, files);
    const facts = Object.fromEntries([...outputs.keys()].map((name) => [name, inferred?.[name] ?? {}]));
    const feeds = [...item.feeds.values()];
    const perBatch = definition.perBatch === true || feeds.some((feed) => this.#ledger.perBatch(feed));
    if (readsUnknownFile(definition, sources)) files.push(Math.random()); // a key that no other run will have
    const key = contentKey(["node", definition.type, definition.version, this.#keysOf(item.feeds), facts, files]);
    const home = innermost(feeds.map((feed) => this.#ledger.home(feed)));
    this.#ledger.add(item, { sound: inputs.sound && inferred !== undefined, facts, key, perBatch, home });
    const effect = definition.effect === true;
    return { is: "node", path, title, key, perBatch, effect, definition, inputs: sources, facts };
  }

  /** Facts of a node's outputs; undefined when it refuses. What it was told of files goes to `files`: it tells their content. */
  #infer(item: Item, { sources, facts, sound }: Inputs, files: unknown[]): Inputs["facts"] | undefined {
    const { known, problems } = this.#planning;
    const { path, entry } = item.placed;
    const told = <T>(file: T): T => {
      files.push(file);
      return file;
    };
    const asked: Known = {
      parameter: (name) => (Object.hasOwn(sources, name) ? constant(sources[name]) : undefined),
      network: (role, file) => told(known.network(role, file)),
      image: (id) => told(known.image(id)),
    };
    try {
      return ((entry as AnyNode).infer?.(facts, asked) ?? {}) as Inputs["facts"];
    } catch (error) {
      // A definition that stumbles over what is missing is not to blame.
      if (sound || error instanceof GraphError) problems.push(typedAt(item, errorAt(path, error)));
      return undefined;
    }
  }

  /** What is known of a value; undefined where there is none. */
  facts(feed: Feed): object | undefined {
    return this.#ledger.facts(feed);
  }

  #planLoop(item: LoopItem): LoopStep {
    const { path, title } = item.placed;
    const ledger = this.#ledger;
    const inputs = this.#readInputs(item);
    const carried = this.#named(item, item.carried);
    const last = this.#named(item, item.last);
    const firsts = carried.map(([name, { first }]) => [name, first] as const);
    const ends = [...last, ...carried.map(([name, { next }]) => [name, next] as const)];
    const given = this.#give(item, inputs, firsts);
    const body: Body = { once: [], each: [] };
    this.#bodies.set(item, body);
    this.plan(this.#planning.inOrder(item.body));
    const ended = this.#checkEnds(item, carried, ends);

    const facts = Object.fromEntries(ends.map(([name, feed]) => [name, ledger.facts(feed) ?? {}]));
    const feeds = [...item.feeds.values(), ...[...firsts, ...ends].map(([, feed]) => feed)];
    const inside = [...body.once, ...body.each];
    const perBatch = feeds.some((feed) => ledger.perBatch(feed)) || inside.some((step) => step.perBatch);
    const homes = [...feeds.map((feed) => ledger.home(feed)), ...item.body.map((one) => ledger.homeOf(one))];
    const home = innermost(homes.filter((loop) => loop !== item));
    const isNeeded = ([name]: readonly [string, unknown]) => this.#planning.needs(item, name);
    const read = [item.feeds, firsts.filter(isNeeded), ends.filter(isNeeded)].map((some) => this.#keysOf(some));
    const key = contentKey(["loop", ...read]);
    ledger.add(item, { sound: inputs.sound && given && ended, facts, key, perBatch, home });
    const { schedule = none, order = none, start = none, stop = none } = inputs.sources;
    return {
      ...{ is: "loop", path, title, key, perBatch, effect: inside.some((step) => step.effect) },
      ...{ schedule, order, start, stop, ...body },
      carried: Object.fromEntries(
        carried.filter(isNeeded).map(([name, { first, next }]) => {
          const source = sourceOf(first);
          return [name, { ...(source && { first: source }), next: sourceOf(next) ?? none }];
        }),
      ),
      outputs: Object.fromEntries(last.filter(isNeeded).map(([name, feed]) => [name, sourceOf(feed) ?? none])),
    };
  }

  /** Those of a loop's outputs that are looked at. */
  #named<T>(item: LoopItem, outputs: ReadonlyMap<string, T>): [string, T][] {
    return [...outputs].filter(([name]) => this.#planning.looksAt(item, name));
  }

  /** Tells the body what it is given: the step, and the first values of what is carried. */
  #give(item: LoopItem, inputs: Inputs, firsts: readonly (readonly [string, Feed])[]): boolean {
    const wrong = indexProblem(item.placed, inputs.sources, inputs.facts.schedule);
    const sound = inputs.sound && this.#isRight(wrong);
    for (const name of Object.keys((item.placed.entry as Structure).gives))
      this.#ledger.give(item, name, { sound, facts: {} });
    const right = firsts.map(([name, first]) => {
      const port = { ...(item.placed.inputs.get(name) as Port), optional: true };
      const isSound = this.#isRight(feedProblem(first, port)) && (first.is === "nothing" || this.#ledger.sound(first));
      const absent = first.is === "nothing" ? { absent: first.error() } : {};
      this.#ledger.give(item, name, { sound: isSound, facts: this.#ledger.facts(first), ...absent });
      return isSound;
    });
    return sound && right.every(Boolean);
  }

  /** Checks what comes out of the body, and that what is carried can go in again. */
  #checkEnds(
    item: LoopItem,
    carried: [string, { first: Feed }][],
    ends: readonly (readonly [string, Feed])[],
  ): boolean {
    const ledger = this.#ledger;
    const right = ends.map(([name, feed]) => {
      const { kind } = item.placed.outputs.get(name) as Port;
      return this.#isRight(feedProblem(feed, { kind, optional: false })) && ledger.sound(feed);
    });
    const after = new Map(ends);
    const fits = carried.map(([name, { first }]) => {
      const [before, next] = [ledger.facts(first), ledger.facts(after.get(name) as Feed)];
      return this.#isRight(carriedProblem(item.placed, name, before, next));
    });
    return [...right, ...fits].every(Boolean);
  }

  /** What feeds an item's own ports, and whether all that must be there is there and sound. */
  #readInputs(item: Item): Inputs {
    const sources: Record<string, Source> = {};
    const facts: Record<string, object | undefined> = {};
    let sound = !this.#planning.cyclic.has(item);
    for (const [name, feed] of item.feeds) {
      const port = item.placed.inputs.get(name) as Port;
      const absent = port.optional ? undefined : this.#ledger.given(feed)?.absent;
      const right = this.#isRight(feedProblem(feed, port) ?? absent);
      const source = right ? sourceOf(feed) : undefined;
      if (source) sources[name] = source;
      facts[name] = right && feed.is !== "output" ? this.#ledger.facts(feed) : (this.#ledger.facts(feed) ?? {});
      if (!right || (source && !this.#ledger.sound(feed))) sound = false;
    }
    return { sources, facts, sound };
  }

  #isRight(problem: GraphError | undefined): boolean {
    if (problem) this.#planning.problems.push(problem);
    return !problem;
  }

  #keysOf(feeds: Iterable<readonly [string, Feed]>): object {
    return Object.fromEntries([...feeds].map(([name, feed]) => [name, this.#ledger.key(feed)]));
  }
}

/** A file whose name a wire supplies may have any content. */
const readsUnknownFile = ({ inputs }: AnyNode, sources: Inputs["sources"]): boolean =>
  Object.entries<Port>(inputs).some(
    ([name, { parameter }]) => parameter?.file && sources[name] && !("value" in sources[name]),
  );

/** Stands where something was wrong, in a plan that nobody gets to see. */
const none: Source = { value: undefined };

/** An error about what was typed elsewhere, as one of the node and parameter where it was typed. */
function typedAt({ feeds }: Item, error: GraphError): GraphError {
  const feed = error.typed !== undefined && error.port !== undefined ? feeds.get(error.port) : undefined;
  const typed = feed?.is === "output" && feed.of.inputs.has(error.typed!) ? feedOf(feed.of, error.typed!) : undefined;
  return typed?.is === "value" ? new GraphError(error.message, typed.port, typed.at.path) : error;
}

const constant = (source: Source): unknown => ("value" in source ? source.value : undefined);

/** The loop around `item` that lies directly in the body of `outer`. */
function loopInside(outer: LoopItem, item: Item): LoopItem {
  let at = item.within as LoopItem;
  while (at.within && at.within !== outer) at = at.within;
  return at;
}
