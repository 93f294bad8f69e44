/** Who depends on whom: the nodes that the targets need, and an order in which each comes after what feeds it. */
import type { GraphError } from "../nodes/index.ts";
import { allFeeds, isThrough } from "./differentiate.ts";
import { cycleError, type Feed } from "./feed.ts";
import { type Item, isDrawnItem, isLoopItem, type LoopItem, runningOf } from "./item.ts";
import type { Placed } from "./scope.ts";

/** What the targets need: items, and of loops the outputs and carried values that somebody reads. */
export interface Needs {
  readonly items: ReadonlySet<Item>;
  has(loop: Item, output: string): boolean;
}

/** Finds the nodes that the targets depend on. A target that is a loop needs all its outputs. */
export function needsOf(targets: readonly Item[], all: ReadonlyMap<Placed, Item>): Needs {
  const items = new Set<Item>();
  const outputs = new Set<string>();
  const waiting: Item[] = [];
  const needItem = (item: Item | undefined) => {
    for (let at = item; at && !items.has(at); at = at.within) {
      items.add(at);
      waiting.push(at);
    }
    if (item?.drawnIn) needItem(item.drawnIn);
  };
  const feeds: Feed[] = [];
  const needOutput = (loop: LoopItem, name: string) => {
    const key = `${loop.placed.path} ${name}`;
    if (outputs.has(key)) return;
    outputs.add(key);
    const { first, next } = loop.carried.get(name) ?? {};
    for (const feed of [first, next, loop.last.get(name)]) if (feed) feeds.push(feed);
  };
  for (const target of targets) {
    needItem(target);
    if (isLoopItem(target))
      for (const name of [...target.carried.keys(), ...target.last.keys()]) needOutput(target, name);
  }
  while (waiting.length > 0 || feeds.length > 0) {
    const item = waiting.pop();
    if (item) feeds.push(...(isDrawnItem(item) ? allFeeds(item) : item.feeds.values()));
    if (item && isDrawnItem(item)) for (const node of item.nodes) needItem(node);
    for (let feed = feeds.pop(); feed; feed = feeds.pop()) {
      if (feed.is !== "output" && feed.is !== "given") continue;
      const item = all.get(feed.is === "output" ? feed.of : feed.by);
      needItem(item);
      if (item && isLoopItem(item)) needOutput(item, feed.is === "output" ? feed.output : feed.name);
    }
  }
  return { items, has: (loop, output) => outputs.has(`${loop.placed.path} ${output}`) };
}

/** For each item, the items beside it (in the same body) that must come before it. */
export type Before = ReadonlyMap<Item, ReadonlySet<Item>>;

/**
 * What an item needs from outside its body, the loop around it needs too: each dependency is lifted to the body that
 * both ends share.
 */
export function beforeOf(all: ReadonlyMap<Placed, Item>): Before {
  const before = new Map<Item, Set<Item>>([...all.values()].map((item) => [item, new Set()]));
  const holder = (placed: Placed): Item | undefined => {
    const item = all.get(placed);
    return item && runningOf(item);
  };
  const depends = (from: Item | undefined, feed: Feed) => {
    const on = feed.is === "output" ? holder(feed.of) : undefined;
    let at = from;
    while (on && at && at.within !== on.within) at = at.within;
    // What is drawn reads its own nodes; only as its variable it may not.
    if (on && at && (on !== at || !isDrawnItem(at) || isThrough(feed, at.placed) || feed === at.by))
      before.get(at)?.add(on);
  };
  for (const item of all.values()) {
    if (item.drawnIn) {
      for (const feed of item.feeds.values()) {
        const on = feed.is === "output" ? all.get(feed.of) : undefined;
        if (on?.drawnIn === item.drawnIn) before.get(item)?.add(on);
      }
      continue;
    }
    for (const feed of isDrawnItem(item) ? allFeeds(item) : item.feeds.values()) depends(item, feed);
    if (!isLoopItem(item)) continue;
    for (const { first } of item.carried.values()) depends(item, first);
    for (const feed of [...[...item.carried.values()].map(({ next }) => next), ...item.last.values()])
      if (feed.is === "output" && all.get(feed.of)?.within !== item) depends(item, feed);
  }
  return before;
}

/**
 * The items of one body, each after what it depends on, otherwise in document order. A cycle is added to `problems` and
 * its nodes to `cyclic`. Depth first without recursion, so that a chain of ten thousand nodes is no deeper than one.
 */
export function ordered(body: readonly Item[], before: Before, cyclic: Set<Item>, problems: GraphError[]): Item[] {
  const order: Item[] = [];
  const state = new Map<Item, "open" | "done">();
  for (const start of body) {
    const way = state.has(start) ? [] : [open(start)];
    while (way.length > 0) {
      const { item, rest } = way[way.length - 1];
      const next = rest.next();
      if (next.done) {
        state.set(item, "done");
        order.push(item);
        way.pop();
      } else if (!state.has(next.value)) way.push(open(next.value));
      else if (state.get(next.value) === "open") {
        const cycle = way.slice(way.findIndex((step) => step.item === next.value)).map((step) => step.item);
        for (const item of cycle) cyclic.add(item);
        problems.push(cycleError(cycle.map(({ placed }) => placed).reverse()));
      }
    }
  }
  return order;

  function open(item: Item) {
    state.set(item, "open");
    return { item, rest: (before.get(item) ?? new Set<Item>()).values() };
  }
}
