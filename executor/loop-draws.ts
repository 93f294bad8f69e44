/**
 * Loops that follow one another: steps of one index draw the same of one noise, so a loop that goes on from what another made
 * draws at their common steps what is in it already.
 */
import { allFeeds } from "./differentiate.ts";
import type { Feed } from "./feed.ts";
import { indices } from "./indices.ts";
import { type Item, isLoopItem, type LoopItem } from "./item.ts";
import { contentKey, type Ledger } from "./ledger.ts";
import type { Placed } from "./scope.ts";
import { typedOrder, wayOf } from "./walk.ts";

/** How many draws two outermost loops have in common where `later` goes on from `earlier`; 0 where that is not known. */
export function commonDraws(
  earlier: LoopItem,
  later: LoopItem,
  all: ReadonlyMap<Placed, Item>,
  ledger: Ledger,
): number {
  if (earlier === later || earlier.within || later.within || !goesOnFrom(later, earlier, all)) return 0;
  const drawn = drawsOf(earlier, ledger);
  return [...drawsOf(later, ledger)].filter((draw) => drawn.has(draw)).length;
}

/**
 * Why `step`, which a node makes, is one that a loop takes: it lies beside the loop's own, or it is picked of its schedule.
 * Undefined where it is not, or not known to be.
 */
export function takenStep(
  step: Feed,
  loop: LoopItem,
  all: ReadonlyMap<Placed, Item>,
  ledger: Ledger,
): "beside" | "picked" | undefined {
  const maker = step.is === "output" ? all.get(step.of) : undefined;
  if (!maker || loop.within) return undefined;
  const [of, rows, index, measure] = ["step", "schedule", "index", "measure"].map((port) => maker.feeds.get(port));
  if (of?.is === "given" && all.get(of.by) === loop) return "beside";
  const own = loop.feeds.get("schedule");
  const isPicked = rows && own && contentKey(ledger.identity(rows)) === contentKey(ledger.identity(own));
  if (!isPicked || index?.is !== "value" || measure?.is !== "value" || measure.value !== "index") return undefined;
  const { count = 0 } = (ledger.facts(own) ?? {}) as { readonly count?: number };
  return drawsOf(loop, ledger).has(count - Number(index.value)) ? "picked" : undefined;
}

/** By how many rows from its first a step is, as far as rows are typed: so its draw is numbered. */
function drawsOf({ feeds }: LoopItem, ledger: Ledger): ReadonlySet<number> {
  const rows = feeds.get("schedule");
  const { count } = ((rows && ledger.facts(rows)) ?? {}) as { readonly count?: number };
  const [order, start, stop] = ["order", "start", "stop"].map((port) => {
    const feed = feeds.get(port);
    return feed?.is === "value" ? feed.value : undefined;
  });
  if (count === undefined || typeof order !== "string" || typeof start !== "number" || typeof stop !== "number")
    return new Set();
  if (!wayOf(order) && typedOrder(order).measure !== undefined) return new Set();
  const whole = indices({ count }, order, start, stop).filter((index) => Number.isInteger(index) && index >= 0);
  return new Set(whole.map((index) => count - index));
}

function goesOnFrom(later: LoopItem, earlier: LoopItem, all: ReadonlyMap<Placed, Item>): boolean {
  const seen = new Set<Item>([later]);
  for (const item of seen)
    for (const feed of allFeeds(item)) {
      const source = feed.is === "output" ? all.get(feed.of) : undefined;
      for (let at = source; at; at = at.within) seen.add(at);
    }
  return [...seen].some((item) => isLoopItem(item) && item === earlier);
}
