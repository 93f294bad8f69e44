/** The steps of a plan, from a judgement that found nothing wrong: all that a step asks for is there. */
import type { AnyNode } from "../nodes/index.ts";
import { type Feed, sourceOf } from "./feed.ts";
import { type Item, isLoopItem, type LoopItem } from "./items.ts";
import type { Judge } from "./judge.ts";
import type { Entry } from "./ledger.ts";
import type { LoopStep, NodeStep, PlanStep, Source } from "./types.ts";

export const stepsOf = (judge: Judge): PlanStep[] => judge.outermost.map((item) => stepOf(item, judge));

function stepOf(item: Item, judge: Judge): PlanStep {
  const entry = judge.ledger.entry(item) as Entry;
  return isLoopItem(item) ? loopStep(item, entry, judge) : nodeStep(item, entry);
}

function nodeStep({ placed }: Item, { key, perBatch, effect, sources, facts, saves }: Entry): NodeStep {
  const { path, title, entry } = placed;
  const step = { path, title, key, perBatch, effect, definition: entry as AnyNode, inputs: sources, facts };
  return { is: "node", ...step, ...(saves && { saves }) };
}

function loopStep(item: LoopItem, { key, perBatch, effect, sources, count }: Entry, judge: Judge): LoopStep {
  const { path, title } = item.placed;
  const { schedule, order, start, stop } = sources as Readonly<Record<LoopPort, Source>>;
  const { once, each } = judge.body(item);
  const needed = <T>(outputs: ReadonlyMap<string, T>) => [...outputs].filter(([name]) => judge.needs(item, name));
  return {
    ...{ is: "loop", path, title, key, perBatch, effect, schedule, order, start, stop },
    ...(count !== undefined && { count }),
    once: once.map((one) => stepOf(one, judge)),
    each: each.map((one) => stepOf(one, judge)),
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
