/** What is known of the items planned so far, asked through the feeds of those that follow. */
import { canonical, hashText } from "../graphs/document/index.ts";
import type { GraphError, Kind, Port, Saved, Size } from "../nodes/index.ts";
import type { Feed } from "./feed.ts";
import { type Item, isLoopItem, type LoopItem } from "./item.ts";
import type { Placed } from "./scope.ts";
import type { Source } from "./types.ts";

/** What an item has come to. `sound`: nothing was wrong with it or before it; only then its facts mean anything. */
export interface Entry {
  readonly sound: boolean;
  /** What feeds it, as far as it is there and right in itself. */
  readonly sources: Readonly<Record<string, Source>>;
  /** Of its outputs. */
  readonly facts: Readonly<Record<string, object>>;
  /** Equal keys, equal values. */
  readonly key: string;
  readonly saves?: Saved;
  readonly perBatch: boolean;
  /** It shows or saves, or something in it does. */
  readonly effect: boolean;
  /** Steps of a loop, where they are known. */
  readonly count?: number;
  /** The loops whose given values it depends on. */
  readonly loops: ReadonlySet<LoopItem>;
  /** The innermost of them: there it must run, and nowhere further in. */
  readonly home: LoopItem | undefined;
}

/** A value that a loop supplies to its body; `absent` says why it is not there in the first step. */
export interface Given {
  readonly sound: boolean;
  readonly facts?: object | undefined;
  readonly absent?: GraphError;
}

export class Ledger {
  readonly #entries = new Map<Item, Entry>();
  readonly #given = new Map<LoopItem, Map<string, Given>>();
  readonly #all: ReadonlyMap<Placed, Item>;

  constructor(all: ReadonlyMap<Placed, Item>) {
    this.#all = all;
  }

  add(item: Item, entry: Entry): void {
    this.#entries.set(item, entry);
  }

  give(loop: LoopItem, name: string, given: Given): void {
    const names = this.#given.get(loop) ?? new Map<string, Given>();
    this.#given.set(loop, names.set(name, given));
  }

  sound(feed: Feed): boolean {
    if (feed.is === "output") return this.#of(feed)?.sound ?? false;
    if (feed.is === "given") return this.given(feed)?.sound ?? false;
    return feed.is === "value";
  }

  facts(feed: Feed): object | undefined {
    if (feed.is === "output") return this.#of(feed)?.facts[feed.output];
    return feed.is === "given" ? this.given(feed)?.facts : undefined;
  }

  /** Of what enters a port: where that takes tensors as well, a number is the smallest of them. */
  factsAt(feed: Feed, { kind }: Port): object | undefined {
    return kind === "number,tensor" && kindOf(feed) === "number" ? oneNumber : this.facts(feed);
  }

  given(feed: Feed): Given | undefined {
    const loop = feed.is === "given" ? this.#all.get(feed.by) : undefined;
    return loop && isLoopItem(loop) && feed.is === "given" ? this.#given.get(loop)?.get(feed.name) : undefined;
  }

  perBatch(feed: Feed): boolean {
    return this.#of(feed)?.perBatch ?? false;
  }

  home(feed: Feed): LoopItem | undefined {
    if (feed.is === "given") return this.#all.get(feed.by) as LoopItem;
    return this.#of(feed)?.home;
  }

  /** The loops whose given values some feeds depend on. */
  loops(feeds: readonly Feed[]): LoopItem[] {
    return feeds.flatMap((feed) =>
      feed.is === "given" ? [this.#all.get(feed.by) as LoopItem] : [...(this.#of(feed)?.loops ?? [])],
    );
  }

  entry(item: Item): Entry | undefined {
    return this.#entries.get(item);
  }

  homeOf(item: Item): LoopItem | undefined {
    return this.#entries.get(item)?.home;
  }

  loopsOf(item: Item): LoopItem[] {
    return [...(this.#entries.get(item)?.loops ?? [])];
  }

  /** What stands for a feed in the keys of those that read it. */
  key(feed: Feed): unknown {
    if (feed.is === "output") return ["of", this.#of(feed)?.key, feed.output];
    if (feed.is === "value") return ["is", feed.value];
    // The values of a body are told apart only inside their loop, which its depth names well enough.
    return feed.is === "given" ? ["given", depth(this.home(feed)), feed.name] : null;
  }

  /** Equal where feeds give equal values in every step: what made them, and in which loop. */
  identity(feed: Feed): unknown {
    return [this.key(feed), (feed.is === "given" ? feed.by : this.home(feed)?.placed)?.path ?? null];
  }

  #of(feed: Feed): Entry | undefined {
    const item = feed.is === "output" ? this.#all.get(feed.of) : undefined;
    return item && this.#entries.get(item);
  }
}

const oneNumber: Size = { batch: 1, channels: 1, height: 1, width: 1 };

/** Of what somebody gives or types. */
function kindOf(feed: Feed): Kind | undefined {
  if (feed.is === "value") return typeof feed.value === "number" ? "number" : undefined;
  if (feed.is === "output") return feed.of.outputs.get(feed.output)?.kind;
  return feed.is === "given" ? feed.by.inputs.get(feed.name)?.kind : undefined;
}

/** How many loops there are from the outermost to this one. */
function depth(loop: LoopItem | undefined): number {
  let count = 0;
  for (let at: Item | undefined = loop; at; at = at.within) count++;
  return count;
}

/** Where what depends on these loops has to run. */
export function placeIn(loops: readonly LoopItem[]): Pick<Entry, "loops" | "home"> {
  const innermost = (one: LoopItem | undefined, other: LoopItem) => (depth(other) > depth(one) ? other : one);
  return { loops: new Set(loops), home: loops.reduce(innermost, undefined) };
}

/** Equal keys, equal values. */
export const contentKey = (parts: unknown): string => hashText(canonical(parts));
