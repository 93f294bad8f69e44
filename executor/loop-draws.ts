/**
 * Loops that follow one another: steps of one index draw the same of one noise, so a loop that goes on from what another made
 * draws at their common steps what is in it already. All that is found of a loop is found once.
 */
import { drawsAlong } from "../nodes/index.ts";
import { allFeeds } from "./differentiate.ts";
import type { Feed } from "./feed.ts";
import { boundOf, indices } from "./indices.ts";
import { type Item, isLoopItem, type LoopItem } from "./item.ts";
import { contentKey, type Ledger } from "./ledger.ts";
import type { Placed } from "./scope.ts";
import { typedOrder, wayOf } from "./walk.ts";

/** Where an outermost loop goes, as far as it is typed. */
interface Walk {
  readonly count: number;
  readonly indices: readonly number[];
  /** The numbers of its draws, each of one step. */
  readonly draws: ReadonlySet<number>;
}

export class LoopDraws {
  readonly #all: ReadonlyMap<Placed, Item>;
  readonly #ledger: Ledger;
  readonly #walks = new Map<LoopItem, Walk | undefined>();
  readonly #before = new Map<LoopItem, ReadonlySet<Item>>();
  readonly #common = new Map<LoopItem, Map<LoopItem, number>>();

  constructor(all: ReadonlyMap<Placed, Item>, ledger: Ledger) {
    this.#all = all;
    this.#ledger = ledger;
  }

  /** How many draws two outermost loops have in common where `later` goes on from `earlier`; 0 where that is not known. */
  common(earlier: LoopItem, later: LoopItem): number {
    const known = this.#common.get(later) ?? new Map<LoopItem, number>();
    this.#common.set(later, known);
    const count = known.get(earlier) ?? this.#counted(earlier, later);
    known.set(earlier, count);
    return count;
  }

  #counted(earlier: LoopItem, later: LoopItem): number {
    if (earlier === later || earlier.within || later.within || !this.#leadingTo(later).has(earlier)) return 0;
    const [drawn, drawing] = [this.#walkOf(earlier), this.#walkOf(later)];
    return [...(drawing?.draws ?? [])].filter((draw) => drawn?.draws.has(draw)).length;
  }

  /**
   * Why `step`, which a node makes, is one that a loop takes: it lies beside the loop's own, or it is picked of its schedule.
   * Undefined where it is not, or not known to be.
   */
  taken(step: Feed, loop: LoopItem): "beside" | "picked" | undefined {
    const maker = step.is === "output" ? this.#all.get(step.of) : undefined;
    if (!maker || loop.within) return undefined;
    const [of, rows, index, measure] = ["step", "schedule", "index", "measure"].map((port) => maker.feeds.get(port));
    if (of?.is === "given" && this.#all.get(of.by) === loop) return this.#takesNeighbours(loop) ? "beside" : undefined;
    const own = loop.feeds.get("schedule");
    const isPicked = rows && own && contentKey(this.#ledger.identity(rows)) === contentKey(this.#ledger.identity(own));
    if (!isPicked || index?.is !== "value" || measure?.is !== "value" || measure.value !== "index") return undefined;
    const walk = this.#walkOf(loop);
    return walk?.draws.has(walk.count - Number(index.value)) ? "picked" : undefined;
  }

  /** Whether a neighbour of some step, which draws as its row does, is a row whose draw the loop takes; as far as is not known. */
  #takesNeighbours(loop: LoopItem): boolean {
    const walk = this.#walkOf(loop);
    if (!walk) return !isMeasured(loop);
    const { count, indices, draws } = walk;
    return indices.some((index, k) => {
      const next = indices[k + 1];
      const neighbours = [next < index ? next : index - 1, next > index ? next : index + 1];
      return neighbours.some((row) => Number.isInteger(row) && row >= 0 && row < count && draws.has(count - row));
    });
  }

  #walkOf(loop: LoopItem): Walk | undefined {
    if (!this.#walks.has(loop)) this.#walks.set(loop, this.#walked(loop));
    return this.#walks.get(loop);
  }

  #walked(loop: LoopItem): Walk | undefined {
    const rows = loop.feeds.get("schedule");
    const { count } = ((rows && this.#ledger.facts(rows)) ?? {}) as { readonly count?: number };
    const [order, start, stop] = ["order", "start", "stop"].map((port) => typedAt(loop, port));
    if (count === undefined || typeof order !== "string" || typeof start !== "number" || typeof stop !== "number")
      return undefined;
    // Where the steps by another measure are is known only with the schedule.
    if (isMeasured(loop)) return undefined;
    const [from, to] = [start, stop].map((value) => boundOf({ value }, value));
    const walk = indices({ count }, order, from, to);
    return { count, indices: walk, draws: new Set(drawsAlong(count, walk)) };
  }

  /** All that a loop depends on. */
  #leadingTo(later: LoopItem): ReadonlySet<Item> {
    const known = this.#before.get(later);
    if (known) return known;
    const seen = new Set<Item>([later]);
    for (const item of seen)
      for (const feed of allFeeds(item)) {
        const source = feed.is === "output" ? this.#all.get(feed.of) : undefined;
        for (let at = source; at; at = at.within) seen.add(at);
      }
    const loops = new Set([...seen].filter(isLoopItem));
    this.#before.set(later, loops);
    return loops;
  }
}

function typedAt({ feeds }: LoopItem, port: string): unknown {
  const feed = feeds.get(port);
  return feed?.is === "value" ? feed.value : undefined;
}

/** Whether its order is typed, by another measure than indices. */
function isMeasured(loop: LoopItem): boolean {
  const order = typedAt(loop, "order");
  return typeof order === "string" && !wayOf(order) && typedOrder(order).measure !== undefined;
}
