/**
 * From items in order to the steps of a plan: facts inferred, parameters checked, keys made, and each step put where
 * it has to run: in its loop, once before it, or before all loops.
 */
import { type AnyNode, GraphError, type Known, type Port, type Structure } from "../nodes/index.ts";
import { errorAt } from "./errors.ts";
import type { Feed } from "./feed.ts";
import { indices } from "./indices.ts";
import { type Item, isLoopItem, type LoopItem } from "./items.ts";
import { contentKey, type Given, innermost, Ledger } from "./ledger.ts";
import type { Needs } from "./order.ts";
import { parameterProblem } from "./parameters.ts";
import { named, type Placed } from "./scope.ts";
import type { KnownModels, LoopStep, NodeStep, PlanStep, Source } from "./types.ts";

export interface Planning {
  readonly all: ReadonlyMap<Placed, Item>;
  readonly needs: Needs;
  /** The items of one body, in order. */
  readonly inOrder: (body: readonly Item[]) => readonly Item[];
  readonly cyclic: ReadonlySet<Item>;
  readonly known: KnownModels;
  readonly problems: GraphError[];
}

type Sources = Readonly<Record<string, Source>>;
type PortFacts = Readonly<Record<string, object | undefined>>;

interface Inputs {
  readonly sources: Sources;
  readonly facts: PortFacts;
  readonly sound: boolean;
}

export function planSteps(top: readonly Item[], planning: Planning): PlanStep[] {
  const { all, needs, inOrder, cyclic, known, problems } = planning;
  const ledger = new Ledger(all);
  const steps: PlanStep[] = [];
  const bodies = new Map<LoopItem, { readonly once: PlanStep[]; readonly each: PlanStep[] }>();
  for (const item of top) planItem(item);
  return steps;

  /** An item runs as far out as what it depends on lets it. */
  function planItem(item: Item): void {
    const step = isLoopItem(item) ? planLoop(item) : planNode(item);
    const home = ledger.homeOf(item);
    if (!needs.items.has(item)) return;
    if (!home) steps.push(step);
    else if (home === item.within) bodies.get(home)?.each.push(step);
    else bodies.get(loopInside(home, item))?.once.push(step);
  }

  function planNode(item: Item): NodeStep {
    const { path, title, entry, outputs } = item.placed;
    const definition = entry as AnyNode;
    const inputs = readInputs(item);
    const inferred = inputs.sound ? infer(item.placed, inputs) : undefined;
    const facts = Object.fromEntries([...outputs.keys()].map((name) => [name, inferred?.[name] ?? {}]));
    const feeds = [...item.feeds.values()];
    const perBatch = definition.perBatch === true || feeds.some((feed) => ledger.perBatch(feed));
    const key = contentKey(["node", definition.type, definition.version, keysOf(item.feeds), facts]);
    const home = innermost(feeds.map((feed) => ledger.home(feed)));
    ledger.add(item, { sound: inferred !== undefined, facts, key, perBatch, home });
    const effect = definition.effect === true;
    return { is: "node", path, title, key, perBatch, effect, definition, inputs: inputs.sources, facts };
  }

  function infer({ path, entry }: Placed, { sources, facts }: Inputs): PortFacts | undefined {
    const asked: Known = {
      parameter: (name) => constant(Object.hasOwn(sources, name) ? sources[name] : undefined),
      network: (role, file) => known.network(role, file),
      image: (id) => known.image(id),
    };
    try {
      return ((entry as AnyNode).infer?.(facts, asked) ?? {}) as PortFacts;
    } catch (error) {
      problems.push(errorAt(path, error));
      return undefined;
    }
  }

  function planLoop(item: LoopItem): LoopStep {
    const { path, title, entry } = item.placed;
    const inputs = readInputs(item);
    const sound = inputs.sound && checkIndices(item.placed, inputs);
    for (const name of Object.keys((entry as Structure).gives)) ledger.give(item, name, { sound, facts: {} });
    for (const [name, { first }] of item.carried) ledger.give(item, name, firstValue(first));
    const body = { once: [] as PlanStep[], each: [] as PlanStep[] };
    bodies.set(item, body);
    for (const inner of inOrder(item.body)) planItem(inner);

    const ends = new Map([...item.last, ...[...item.carried].map(([name, { next }]) => [name, next] as const)]);
    const ended = [...ends.values()].map((feed) => isSound(feed)).every(Boolean);
    const fits = [...item.carried].map(([name, carried]) => checkCarried(item.placed, name, carried)).every(Boolean);
    const facts = Object.fromEntries([...ends].map(([name, feed]) => [name, ledger.facts(feed) ?? {}]));
    const firsts = new Map([...item.carried].map(([name, { first }]) => [name, first]));
    const feeds = [...item.feeds.values(), ...firsts.values(), ...ends.values()];
    const inner = [...body.once, ...body.each];
    const perBatch = [...feeds.map((feed) => ledger.perBatch(feed)), ...inner.map((step) => step.perBatch)].some(
      Boolean,
    );
    const homes = [...feeds.map((feed) => ledger.home(feed)), ...item.body.map((one) => ledger.homeOf(one))];
    const needed = <T>(names: ReadonlyMap<string, T>) => [...names].filter(([name]) => needs.has(item, name));
    const key = contentKey([
      "loop",
      keysOf(item.feeds),
      keysOf(new Map(needed(firsts))),
      keysOf(new Map(needed(ends))),
    ]);
    const home = innermost(homes.filter((loop) => loop !== item));
    ledger.add(item, { sound: sound && ended && fits, facts, key, perBatch, home });
    const carried = needed(item.carried).map(([name, { first, next }]) => {
      const [from, to] = [sourceOf(first), sourceOf(next)];
      return [name, { ...(from && { first: from }), next: to ?? { value: undefined } }] as const;
    });
    const outputs = needed(item.last).map(([name, feed]) => [name, sourceOf(feed) ?? { value: undefined }] as const);
    return {
      is: "loop",
      path,
      title,
      key,
      perBatch,
      effect: inner.some((step) => step.effect),
      schedule: inputs.sources.schedule ?? { value: undefined },
      order: inputs.sources.order ?? { value: "down" },
      start: inputs.sources.start ?? { value: -1 },
      stop: inputs.sources.stop ?? { value: -1 },
      ...body,
      carried: Object.fromEntries(carried),
      outputs: Object.fromEntries(outputs),
    };
  }

  /** What feeds an item's own ports, and whether all that must be there is there and sound. */
  function readInputs(item: Item): Inputs {
    const sources: Record<string, Source> = {};
    const facts: Record<string, object | undefined> = {};
    let sound = !cyclic.has(item);
    for (const [name, feed] of item.feeds) {
      const port = item.placed.inputs.get(name) as Port;
      const problem = inputProblem(feed, port, name, item.placed);
      if (problem) problems.push(problem);
      const source = sourceOf(feed);
      if (source) [sources[name], facts[name]] = [source, ledger.facts(feed)];
      if (problem || (source && !ledger.sound(feed))) sound = false;
    }
    return { sources, facts, sound };
  }

  function inputProblem(feed: Feed, port: Port, name: string, { title, path }: Placed): GraphError | undefined {
    if (feed.is === "nothing") return feed.broken || !port.optional ? feed.error : undefined;
    if (feed.is === "value") {
      const message = parameterProblem(port, feed.value);
      return message === undefined ? undefined : new GraphError(message, feed.port, feed.at.path);
    }
    if (feed.is !== "given" || port.optional || !ledger.given(feed)?.absent) return undefined;
    const why = `nothing feeds "${feed.name}" of ${named(feed.by)}, so the first step has none`;
    return new GraphError(`${title} needs "${name}", but ${why}`, name, path);
  }

  function firstValue(first: Feed): Given {
    if (first.is === "nothing" && !first.broken) return { sound: true, absent: true };
    return { sound: isSound(first), facts: ledger.facts(first) };
  }

  /** Whether a feed that must be there is there and sound; reports it when it is not there at all. */
  function isSound(feed: Feed): boolean {
    if (feed.is === "nothing") problems.push(feed.error);
    return ledger.sound(feed);
  }

  /** A schedule whose length is known before anything runs shows at once which indices it does not have. */
  function checkIndices({ path }: Placed, { sources, facts }: Inputs): boolean {
    const { count } = (facts.schedule ?? {}) as { readonly count?: number };
    const [order, start, stop] = [sources.order, sources.start ?? { value: -1 }, sources.stop ?? { value: -1 }];
    if (count === undefined || !order || !("value" in order && "value" in start && "value" in stop)) return true;
    try {
      indices(count, order.value as string, start.value as number, stop.value as number);
      return true;
    } catch (error) {
      problems.push(errorAt(path, error));
      return false;
    }
  }

  /** What comes out of a step must be able to go into the next. */
  function checkCarried(loop: Placed, name: string, { first, next }: { first: Feed; next: Feed }): boolean {
    const [enters, leaves] = [loop.inputs.get(name)?.kind, loop.outputs.get(name)?.kind];
    const [before, after] = [ledger.facts(first), ledger.facts(next)] as [Sizes?, Sizes?];
    const changed = sizes.find((size) => (before?.[size] ?? after?.[size]) !== (after?.[size] ?? before?.[size]));
    if (enters === leaves && !changed) return true;
    const [as, but] = changed
      ? [`${changed} ${before?.[changed]}`, `${changed} ${after?.[changed]}`]
      : [enters, leaves];
    problems.push(new GraphError(`"${name}" enters a step as ${as} and leaves it as ${but}`, name, loop.path));
    return false;
  }

  function keysOf(feeds: ReadonlyMap<string, Feed>): object {
    return Object.fromEntries([...feeds].map(([name, feed]) => [name, ledger.key(feed)]));
  }
}

const sizes = ["batch", "channels", "size"] as const;
type Sizes = Readonly<Partial<Record<(typeof sizes)[number], number>>>;

const constant = (source: Source | undefined): unknown => (source && "value" in source ? source.value : undefined);

function sourceOf(feed: Feed): Source | undefined {
  if (feed.is === "output") return { from: feed.of.path, output: feed.output };
  if (feed.is === "value") return { value: feed.value };
  return feed.is === "given" ? { given: feed.name, by: feed.by.path } : undefined;
}

/** The loop around `item` whose own body it is that lies directly in `outer`'s. */
function loopInside(outer: LoopItem, item: Item): LoopItem {
  let at = item.within as LoopItem;
  while (at.within && at.within !== outer) at = at.within;
  return at;
}
