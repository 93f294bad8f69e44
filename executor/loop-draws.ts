/**
 * Which draws of a noise nodes take, as far as that is known before a run: of the step for which each draws, in each step of the
 * loop around. Nodes that draw for one step are one draw: all that is found of them is found once.
 */
import type { AnyNode, Step } from "../nodes/index.ts";
import { allFeeds } from "./differentiate.ts";
import type { Feed } from "./feed.ts";
import type { Foretold } from "./foretold.ts";
import { type Item, isLoopItem, type LoopItem } from "./item.ts";
import { contentKey, type Ledger } from "./ledger.ts";
import type { Readers } from "./readers.ts";
import type { Placed } from "./scope.ts";
import { stepOf } from "./step-of.ts";
import { streamKey } from "./streams.ts";
import { bothOf, type Turns, UsedTurns } from "./turns.ts";

/** Nodes that take the same draws. */
export interface Draws {
  readonly items: Item[];
  readonly step: Feed;
  /** The loop with whose steps they change; undefined outside of loops. */
  readonly loop: LoopItem | undefined;
  /** What they take in the steps of that loop, or the one; undefined where it is not known. */
  readonly taken: readonly Taken[] | undefined;
}

export interface Taken {
  /** In which turn of the loop. */
  readonly turn: number;
  /** Of the draw. */
  readonly number: number;
  /** Else only a run knows whether it is taken there. */
  readonly isSure: boolean;
}

export class LoopDraws {
  readonly #foretold: Foretold;
  readonly #used: UsedTurns;
  readonly #all: ReadonlyMap<Placed, Item>;
  readonly #ledger: Ledger;
  readonly #before = new Map<LoopItem, ReadonlySet<Item>>();

  constructor(all: ReadonlyMap<Placed, Item>, foretold: Foretold, ledger: Ledger, readers: Readers) {
    this.#all = all;
    this.#ledger = ledger;
    this.#foretold = foretold;
    this.#used = new UsedTurns(readers, this.#foretold);
  }

  /** By the noise that they draw of, in order. */
  of(drawing: readonly Item[]): ReadonlyMap<string, readonly Draws[]> {
    const found = new Map<string, Map<string, Draws>>();
    for (const item of drawing) {
      const step = stepOf(item, this.#all);
      if (!step) continue;
      const noise = item.feeds.get("noise") as Feed;
      const loop = this.#ledger.home(step);
      const taken = this.#taken(item, step, noise);
      if (taken?.length === 0) continue;
      const turns = taken?.map(({ turn, isSure }) => [turn, isSure]) ?? null;
      const stream = streamKey(noise, this.#all, { foretold: this.#foretold, ledger: this.#ledger });
      const ofNoise = found.get(stream) ?? new Map<string, Draws>();
      found.set(stream, ofNoise);
      const key = contentKey([this.#ledger.identity(step), turns]);
      const known = ofNoise.get(key);
      if (known) known.items.push(item);
      else ofNoise.set(key, { items: [item], step, loop, taken });
    }
    return new Map([...found].map(([noise, draws]) => [noise, [...draws.values()]]));
  }

  /** In which turns of a loop it may draw. */
  drawsIn(item: Item, loop: LoopItem | undefined): Turns {
    return bothOf(this.#used.of(item, loop), this.#asks(item, loop));
  }

  /** Whether a loop goes on from what another made. */
  isAfter(later: LoopItem, earlier: LoopItem): boolean {
    return later !== earlier && this.#leadingTo(later).has(earlier);
  }

  /** Whether a step is made of the one that a loop gives: its neighbour. */
  isBeside({ step }: Draws, { loop }: Draws): boolean {
    const of = step.is === "output" ? this.#all.get(step.of)?.feeds.get("step") : undefined;
    return loop !== undefined && of?.is === "given" && of.by === loop.placed;
  }

  /** A noise that changes with the turns of a loop has no draw twice. */
  #taken(item: Item, step: Feed, noise: Feed): readonly Taken[] | undefined {
    const loop = this.#ledger.home(step);
    // A loop within another draws the same in each turn of that one: whether it is meant is not known.
    if (loop?.within) return undefined;
    const steps = this.#ledger.home(noise) ? undefined : (this.#foretold.along(step, loop) as Step[] | undefined);
    if (!steps) return undefined;
    const turns = loop || !item.within ? this.drawsIn(item, loop) : [anyOf(this.drawsIn(item, outermostOf(item)))];
    return steps.flatMap(({ draw: number }, turn) =>
      turns[turn] === false ? [] : [{ turn, number, isSure: turns[turn] === true }],
    );
  }

  /** In which turns its parameters have it draw. */
  #asks({ placed, feeds }: Item, loop: LoopItem | undefined): Turns {
    const { draws } = placed.entry as AnyNode;
    const turns = this.#used.all(loop);
    if (!draws) return turns;
    return turns.map((_, turn) => {
      let isKnown = true;
      const asks = draws((name) => {
        const value = this.#foretold.along(feeds.get(name), loop)?.[turn];
        if (value === undefined) isKnown = false;
        return value;
      });
      return asks && (isKnown || undefined);
    });
  }

  /** All loops that a loop depends on. */
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

/** In any of its turns. */
const anyOf = (turns: Turns): boolean | undefined =>
  turns.includes(true) || (turns.every((is) => is === false) ? false : undefined);

const outermostOf = ({ within }: Item): LoopItem | undefined => (within?.within ? outermostOf(within) : within);
