/**
 * When items are of use, by any account of it: folded from what runs whoever reads it, reader by reader, to what they read. Of
 * the lazy inputs of a node that has several, as Switch has, one is asked for by each value of what decides it.
 */
import type { AnyNode, Port } from "../nodes/index.ts";
import { ownFeeds } from "./differentiate.ts";
import type { Feed } from "./feed.ts";
import type { Item } from "./item.ts";
import type { Placed } from "./scope.ts";

interface Reader {
  readonly by: Item;
  /** Of a node; a loop or a Differentiate asks for all that it reads. */
  readonly port?: string;
}

/** What decides whether a node asks for what is wired to one of its ports. */
export interface Choice {
  readonly port: string;
  readonly needs: NonNullable<AnyNode["needs"]>;
  readonly deciding: readonly (readonly [name: string, Feed])[];
}

/** One way to tell when something is of use. */
export interface Account<Use> {
  readonly always: Use;
  asked(choice: Choice): Use;
  both(one: Use, other: Use): Use;
  either(one: Use, other: Use): Use;
}

export class Readers {
  readonly #readers = new Map<Item, Reader[]>();
  readonly #run: ReadonlySet<Item>;

  /** `run`: of the items of a plan those that run whoever reads them. */
  constructor(planned: readonly Item[], run: readonly Item[], all: ReadonlyMap<Placed, Item>) {
    this.#run = new Set(run.flatMap(withHolders));
    const reads = (feed: Feed, reader: Reader) => {
      const item = feed.is === "output" ? all.get(feed.of) : undefined;
      if (item) this.#readers.set(item, [...(this.#readers.get(item) ?? []), reader]);
    };
    for (const item of planned) {
      if (item.placed.entry && "run" in item.placed.entry)
        for (const [port, feed] of item.feeds) reads(feed, { by: item, port });
      else for (const feed of ownFeeds(item)) reads(feed, { by: item });
    }
  }

  of(item: Item): readonly Reader[] {
    return this.#run.has(item) ? [] : (this.#readers.get(item) ?? []);
  }
}

export class UseOf<Use> {
  readonly #readers: Readers;
  readonly #account: Account<Use>;
  readonly #known = new Map<Item, Use>();

  constructor(readers: Readers, account: Account<Use>) {
    this.#readers = readers;
    this.#account = account;
  }

  /** Readers first, without recursion: a chain of nodes may be long. */
  of(wanted: Item): Use {
    const open = new Set<Item>();
    const waiting = [wanted];
    for (let item = waiting.at(-1); item; item = waiting.at(-1)) {
      const before = [...this.#readers.of(item).map(({ by }) => by), ...(item.within ? [item.within] : [])];
      const missing = open.has(item) ? [] : before.filter((one) => !this.#known.has(one) && !open.has(one));
      open.add(item);
      waiting.push(...missing);
      if (missing.length > 0) continue;
      if (!this.#known.has(item)) this.#known.set(item, this.#found(item));
      waiting.pop();
    }
    return this.#at(wanted);
  }

  #found(item: Item): Use {
    const { always, asked, both, either } = this.#account;
    const around = item.within ? this.#at(item.within) : always;
    const uses = this.#readers.of(item).map(({ by, port }) => {
      const choice = choiceOf(by, port);
      return choice ? both(this.#at(by), asked(choice)) : this.#at(by);
    });
    return uses.length === 0 ? around : both(around, uses.reduce(either));
  }

  /** In a circle, which is a problem of its own, nothing is known. */
  #at(item: Item): Use {
    return this.#known.has(item) ? (this.#known.get(item) as Use) : this.#account.always;
  }
}

export function choiceOf({ placed: { entry }, feeds }: Item, port: string | undefined): Choice | undefined {
  const { inputs = {}, needs } = (entry ?? {}) as Partial<AnyNode>;
  const ports = inputs as Readonly<Record<string, Port | undefined>>;
  if (port === undefined || !needs || !ports[port]?.lazy) return undefined;
  return { port, needs, deciding: [...feeds].filter(([name]) => ports[name]?.parameter) };
}

function withHolders(item: Item): Item[] {
  return item.within ? [item, ...withHolders(item.within)] : [item];
}
