/** The steps of a plan, from a judgement that found nothing wrong: all that a step asks for is there. */
import type { AnyNode, DrawnSource, Port } from "../nodes/index.ts";
import { isThrough } from "./differentiate.ts";
import { type Feed, parameterOf, sourceOf } from "./feed.ts";
import type { Foretold } from "./foretold.ts";
import { type DrawnItem, type Item, isDrawnItem, isLoopItem, type LoopItem } from "./item.ts";
import type { Judge } from "./judge.ts";
import type { Entry } from "./ledger.ts";
import { broughtTogether } from "./together.ts";
import type { DrawnStep, LoopStep, NodeStep, OutsideValue, Path, PlanStep, Source } from "./types.ts";

/** `foretold` tells how many steps a loop takes whose way a wire gives. */
export const stepsOf = (judge: Judge, foretold: Foretold): PlanStep[] =>
  judge.outermost.map((item) => stepOf(item, judge, foretold));

function stepOf(item: Item, judge: Judge, foretold: Foretold): PlanStep {
  const entry = judge.ledger.entry(item) as Entry;
  if (isLoopItem(item)) return loopStep(item, entry, judge, foretold);
  return isDrawnItem(item) ? drawnStep(item, entry, judge) : nodeStep(item, entry);
}

function drawnStep(item: DrawnItem, { key, perBatch }: Entry, judge: Judge): DrawnStep {
  const { path, title } = item.placed;
  const outside: OutsideValue[] = [];
  const factsOf = (feed: Feed): object => judge.ledger.facts(feed) ?? {};
  const drawnSource = (feed: Feed, node: Path, port: string): DrawnSource => {
    if (isThrough(feed, item.placed)) return { is: "variable" };
    if (feed.is === "output" && item.nodes.some(({ placed }) => placed === feed.of))
      return { is: "output", of: feed.of.path, output: feed.output };
    return { is: "outside", index: outside.push({ source: given(feed), facts: factsOf(feed), path: node, port }) - 1 };
  };
  const nodes = judge.drawnBy(item).map(({ placed, feeds }) => ({
    ...{ path: placed.path, title: placed.title, definition: placed.entry as AnyNode },
    inputs: Object.fromEntries(
      [...feeds].flatMap(([port, feed]) => (sourceOf(feed) ? [[port, drawnSource(feed, placed.path, port)]] : [])),
    ),
  }));
  const outputs = judge.readOf(item).map(({ of, output }) => ({
    ...{ from: of.placed.path, output, kind: (of.placed.outputs.get(output) as Port).kind },
    facts: judge.ledger.entry(of)?.facts[output] ?? {},
  }));
  const called = { of: parameterOf(item.placed, "of"), by: parameterOf(item.placed, "by") };
  const graph = { nodes, of: drawnSource(item.of as Feed, path, "of"), called };
  const variable = { by: given(item.by), facts: factsOf(item.by) };
  return { is: "drawn", path, title, key, perBatch, effect: false, graph, ...variable, outside, outputs };
}

function nodeStep({ placed }: Item, { key, perBatch, effect, sources, facts, saves }: Entry): NodeStep {
  const { path, title, entry } = placed;
  const step = { path, title, key, perBatch, effect, definition: entry as AnyNode, inputs: sources, facts };
  return { is: "node", ...step, ...(saves && { saves }) };
}

function loopStep(item: LoopItem, entry: Entry, judge: Judge, foretold: Foretold): LoopStep {
  const { key, perBatch, effect, sources, count = foretold.steps(item)?.length } = entry;
  const { path, title } = item.placed;
  const { schedule, order, start, stop } = sources as Readonly<Record<LoopPort, Source>>;
  const { once, each } = judge.body(item);
  const inner = judge.innerNumber(item);
  const needed = <T>(outputs: ReadonlyMap<string, T>) => [...outputs].filter(([name]) => judge.needs(item, name));
  return {
    ...{ is: "loop", path, title, key, perBatch, effect, schedule, order, start, stop },
    ...(inner !== undefined && { inner }),
    ...(count !== undefined && { count }),
    once: once.map((one) => stepOf(one, judge, foretold)),
    each: broughtTogether(each.map((one) => stepOf(one, judge, foretold))),
    carried: Object.fromEntries(
      needed(item.carried).map(([name, { first, next }]) => {
        const source = sourceOf(first);
        return [name, { ...(source && { first: source }), next: given(next) }];
      }),
    ),
    outputs: Object.fromEntries(needed(item.last).map(([name, feed]) => [name, given(feed)])),
  };
}

type LoopPort = "schedule" | "order" | "start" | "stop";

/** What a loop gives back has been found to be there. */
const given = (feed: Feed): Source => sourceOf(feed) as Source;
