/** What runs, with what feeds it: a node, a loop, a Differentiate with what it draws. */
import type { GraphError } from "../nodes/index.ts";
import type { Feed } from "./feed.ts";
import type { Placed } from "./scope.ts";

export interface Item {
  readonly placed: Placed;
  /** The loop whose body it is in. */
  readonly within: LoopItem | undefined;
  /** What feeds each input port; of a loop, only the ports that are its own. */
  readonly feeds: ReadonlyMap<string, Feed>;
  /** The Differentiate with which it runs as one. */
  readonly drawnIn?: DrawnItem;
}

/** A Differentiate, and what is drawn of its inner graph. */
export interface DrawnItem extends Item {
  readonly nodes: readonly Item[];
  /** What is differentiated; undefined where there is no such output. */
  readonly of: Feed | undefined;
  /** The value of the variable. */
  readonly by: Feed;
  /** What is wrong with either. */
  readonly problems: readonly GraphError[];
}

export interface LoopItem extends Item {
  readonly body: Item[];
  /** An inner output named like an inner input: the outer input is the first value, the inner output the next. */
  readonly carried: ReadonlyMap<string, { readonly first: Feed; readonly next: Feed }>;
  /** Every other inner output: the last step's value. */
  readonly last: ReadonlyMap<string, Feed>;
}

/** Everything found on the way, within loops too. */
export interface Found {
  readonly items: Map<Placed, Item>;
  /** Subgraphs and reroutes: they are gone, but what they give can be asked for. */
  readonly dissolved: Placed[];
}

export const isLoopItem = (item: Item): item is LoopItem => "body" in item;
export const isDrawnItem = (item: Item): item is DrawnItem => "nodes" in item;

/** The nodes among the items, those that a Differentiate draws too. */
export const nodesAmong = (items: readonly Item[]): Item[] => {
  const all = items.flatMap((item) => (isDrawnItem(item) ? [item, ...item.nodes] : item));
  return [...new Set(all)].filter((item) => !isLoopItem(item) && !isDrawnItem(item));
};

/** What runs: of an item that is drawn, the Differentiate. */
export const runningOf = (item: Item): Item => (item.drawnIn ? runningOf(item.drawnIn) : item);

/** Whether it lies in the loop, or in one inside it. */
export function isIn({ within }: Item, loop: LoopItem): boolean {
  for (let at = within; at; at = at.within) if (at === loop) return true;
  return false;
}
