/**
 * Judges the items of a document in order: facts inferred, parameters checked, keys made, and each put where it has to run:
 * in its loop, once before it, or before all loops. What comes of it is a ledger; steps.ts makes a plan of a sound one.
 *
 * What is wrong with one node is no reason not to look at those behind it: they are asked too, and told of what is wired
 * but not known as a wire without facts. So one look finds everything that nodes can judge alone.
 */
import { type AnyNode, GraphError, type Known, type Port, type ScheduleFacts, type Structure } from "../nodes/index.ts";
import { withOrigins } from "./batch-origin.ts";
import type { OutputRead } from "./differentiate.ts";
import { drawnEntry } from "./drawn-entry.ts";
import { errorAt } from "./errors.ts";
import { type Feed, feedOf, sourceOf } from "./feed.ts";
import { type DrawnItem, type Item, isDrawnItem, isLoopItem, type LoopItem } from "./item.ts";
import { contentKey, type Entry, Ledger, placeIn } from "./ledger.ts";
import { carriedProblem, countedProblem, feedProblem, stepCount } from "./problems.ts";
import type { Placed } from "./scope.ts";
import type { KnownModels, Source } from "./types.ts";

export interface Judging {
  readonly all: ReadonlyMap<Placed, Item>;
  /** The items of one body that are looked at, in order. */
  inOrder(body: readonly Item[]): readonly Item[];
  /** Whether an output of a loop is looked at, and whether an item or an output is part of the plan. */
  looksAt(loop: LoopItem, output: string): boolean;
  needs(item: Item, output?: string): boolean;
  /** What others read of a Differentiate: outputs of what it draws, and its gradient. */
  readOf(item: DrawnItem): readonly OutputRead[];
  /** The number of each loop inside another: `innerNumbers`. */
  readonly innerNumbers: ReadonlyMap<Item, number>;
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

/** What runs in a loop: `once` before its first step, or in `each` step. */
interface Body {
  readonly once: Item[];
  readonly each: Item[];
}

export class Judge {
  readonly ledger: Ledger;
  /** What runs outside all loops, in order. */
  readonly outermost: Item[] = [];
  readonly #bodies = new Map<LoopItem, Body>();
  readonly #steps = new Map<LoopItem, number>();
  readonly #judging: Judging;

  constructor(judging: Judging) {
    this.#judging = judging;
    this.ledger = new Ledger(judging.all);
  }

  /** Judges the items of a body, given in order; those that are part of the plan go where they run. */
  judge(items: readonly Item[]): void {
    for (const item of items) {
      this.ledger.add(item, this.entry(item));
      if (this.#judging.needs(item)) this.#place(item);
    }
  }

  entry(item: Item): Entry {
    if (isLoopItem(item)) return this.#loop(item);
    return isDrawnItem(item) ? drawnEntry(item, this) : this.#node(item);
  }

  body(loop: LoopItem): Body {
    return this.#bodies.get(loop) ?? { once: [], each: [] };
  }

  /** What is drawn, each after what it reads. */
  drawnBy(item: DrawnItem): readonly Item[] {
    return this.#judging.inOrder(item.nodes);
  }

  readOf(item: DrawnItem): readonly OutputRead[] {
    return this.#judging.readOf(item);
  }

  innerNumber(loop: LoopItem): number | undefined {
    return this.#judging.innerNumbers.get(loop);
  }

  /** Whether an output is part of the plan. */
  needs(item: Item, output: string): boolean {
    return this.#judging.needs(item, output);
  }

  /** An item runs as far out as what it depends on lets it. */
  #place(item: Item): void {
    const home = this.ledger.homeOf(item);
    if (!home) this.outermost.push(item);
    else if (home === item.within) this.body(home).each.push(item);
    else this.body(loopInside(home, item)).once.push(item);
  }

  /** Reads what feeds a node, asks it for the facts of its outputs, and makes the key that all of this comes to. */
  #node(item: Item): Entry {
    const { entry, outputs } = item.placed;
    const definition = entry as AnyNode;
    const inputs = this.#readInputs(item);
    const files: unknown[] = [];
    const inferred = this.#infer(item, inputs, files);
    const facts = Object.fromEntries([...outputs.keys()].map((name) => [name, inferred?.[name] ?? {}]));
    const feeds = [...item.feeds.values()];
    if (readsUnknownFile(definition, inputs.sources)) files.push(Math.random()); // a key that no other run will have
    const saves = inferred && definition.saves?.(inputs.facts);
    return {
      sound: inputs.sound && inferred !== undefined,
      sources: inputs.sources,
      facts,
      ...(saves && { saves }),
      key: contentKey(["node", definition.type, definition.version, this.keysOf(item.feeds), facts, files]),
      perBatch: definition.perBatch === true || feeds.some((feed) => this.ledger.perBatch(feed)),
      effect: definition.effect === true,
      ...placeIn(this.ledger.loops(feeds)),
    };
  }

  /** Facts of a node's outputs; undefined when it refuses. What it was told of files goes to `files`: it tells their content. */
  #infer(item: Item, { sources, facts, sound }: Inputs, files: unknown[]): Inputs["facts"] | undefined {
    const { all, known, problems } = this.#judging;
    const { path, entry } = item.placed;
    const told = <T>(file: T): T => {
      files.push(file);
      return file;
    };
    const asked: Known = {
      stepsFromNothing: (input) => this.#stepsFromNothing(item, input),
      parameter: (name) => (Object.hasOwn(sources, name) ? constant(sources[name]) : undefined),
      network: (role, file) => told(known.network(role, file)),
      image: (id) => told(known.image(id)),
      tensor: (id, array) => told(known.tensor(id, array)),
    };
    try {
      const inferred = ((entry as AnyNode).infer?.(facts, asked) ?? {}) as Inputs["facts"];
      if (item.drawnIn) (entry as AnyNode).flows?.(facts, asked);
      return inferred;
    } catch (error) {
      // A definition that stumbles over what is missing is not to blame.
      if (sound || error instanceof GraphError)
        problems.push(typedAt(item, errorAt(path, withOrigins(error, item, all, this.ledger))));
      return undefined;
    }
  }

  #stepsFromNothing({ placed, within, feeds }: Item, input: string): number | undefined {
    const feed = feeds.get(input);
    if (!within || feed?.is !== "given" || feed.by !== within.placed) return undefined;
    const { first, next } = within.carried.get(feed.name) ?? {};
    const isOwn = first?.is === "nothing" && next?.is === "output" && next.of === placed;
    return isOwn ? this.#steps.get(within) : undefined;
  }

  /**
   * Gives a loop's body the step and the first values of what is carried; judges the body with these; checks that what comes
   * out can go in again; and makes a key of all that is read.
   */
  #loop(item: LoopItem): Entry {
    const { ledger } = this;
    const inputs = this.#readInputs(item);
    const carried = this.#named(item, item.carried);
    const last = this.#named(item, item.last);
    const firsts = carried.map(([name, { first }]) => [name, first] as const);
    const ends = [...last, ...carried.map(([name, { next }]) => [name, next] as const)];
    const count = stepCount(item.placed, inputs.sources, inputs.facts.schedule);
    const sound = inputs.sound && this.isRight(count instanceof GraphError ? count : undefined);
    if (typeof count === "number") this.#steps.set(item, count);
    const given = this.#give(item, sound, firsts, inputs.facts.schedule);

    const body: Body = { once: [], each: [] };
    this.#bodies.set(item, body);
    this.judge(this.#judging.inOrder(item.body));

    const ended = this.#checkEnds(item, carried, ends);

    const feeds = [...item.feeds.values(), ...[...firsts, ...ends].map(([, feed]) => feed)];
    const inside = [...body.once, ...body.each].flatMap((one) => ledger.entry(one) ?? []);
    const loops = [...ledger.loops(feeds), ...item.body.flatMap((one) => ledger.loopsOf(one))];
    const isNeeded = ([name]: readonly [string, unknown]) => this.#judging.needs(item, name);
    const read = [item.feeds, firsts.filter(isNeeded), ends.filter(isNeeded)].map((some) => this.keysOf(some));
    return {
      sound: given && ended,
      ...(typeof count === "number" && { count }),
      sources: inputs.sources,
      facts: Object.fromEntries(ends.map(([name, feed]) => [name, ledger.facts(feed) ?? {}])),
      key: contentKey(["loop", this.innerNumber(item) ?? null, ...read]),
      perBatch: feeds.some((feed) => ledger.perBatch(feed)) || inside.some(({ perBatch }) => perBatch),
      effect: inside.some(({ effect }) => effect),
      ...placeIn(loops.filter((loop) => loop !== item)),
    };
  }

  /** Those of a loop's outputs that are looked at. */
  #named<T>(item: LoopItem, outputs: ReadonlyMap<string, T>): [string, T][] {
    return [...outputs].filter(([name]) => this.#judging.looksAt(item, name));
  }

  /** Tells the body what it is given: the step, and the first values of what is carried. */
  #give(
    item: LoopItem,
    sound: boolean,
    firsts: readonly (readonly [string, Feed])[],
    schedule: object | undefined,
  ): boolean {
    const { isCounted } = (schedule ?? {}) as ScheduleFacts;
    for (const name of Object.keys((item.placed.entry as Structure).gives))
      this.ledger.give(item, name, { sound, facts: isCounted ? { isCounted } : {} });
    const right = firsts.map(([name, first]) => {
      const port = { ...(item.placed.inputs.get(name) as Port), optional: true };
      const isSound = this.isRight(feedProblem(first, port)) && (first.is === "nothing" || this.ledger.sound(first));
      const absent = first.is === "nothing" ? { absent: first.error() } : {};
      this.ledger.give(item, name, { sound: isSound, facts: this.ledger.facts(first) ?? {}, ...absent });
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
    const { ledger } = this;
    const right = ends.map(([name, feed]) => {
      const { kind } = item.placed.outputs.get(name) as Port;
      return this.isRight(feedProblem(feed, { kind, optional: false })) && ledger.sound(feed);
    });
    const after = new Map(ends);
    const fits = carried.map(([name, { first }]) => {
      const [before, next] = [ledger.facts(first), ledger.facts(after.get(name) as Feed)];
      return this.isRight(carriedProblem(item.placed, name, before, next));
    });
    return [...right, ...fits].every(Boolean);
  }

  /** What feeds an item's own ports, and whether all that must be there is there and sound. */
  #readInputs(item: Item): Inputs {
    const sources: Record<string, Source> = {};
    const facts: Record<string, object | undefined> = {};
    let sound = !this.#judging.cyclic.has(item);
    for (const [name, feed] of item.feeds) {
      const port = item.placed.inputs.get(name) as Port;
      const absent = port.optional ? undefined : this.ledger.given(feed)?.absent;
      const known = this.ledger.factsAt(feed, port);
      const right = this.isRight(feedProblem(feed, port) ?? absent ?? countedProblem(item.placed, name, port, known));
      const source = right ? sourceOf(feed) : undefined;
      if (source) sources[name] = source;
      facts[name] = right && feed.is !== "output" ? known : (known ?? {});
      if (!right || (source && !this.ledger.sound(feed))) sound = false;
    }
    return { sources, facts, sound };
  }

  /** Whether nothing is wrong; what is, is told. */
  isRight(problem: GraphError | undefined): boolean {
    if (problem) this.#judging.problems.push(problem);
    return !problem;
  }

  keysOf(feeds: Iterable<readonly [string, Feed]>): object {
    return Object.fromEntries([...feeds].map(([name, feed]) => [name, this.ledger.key(feed)]));
  }
}

/** A file whose name a wire supplies may have any content. */
const readsUnknownFile = ({ inputs }: AnyNode, sources: Inputs["sources"]): boolean =>
  Object.entries<Port>(inputs).some(
    ([name, { parameter }]) => parameter?.file && sources[name] && !("value" in sources[name]),
  );

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
