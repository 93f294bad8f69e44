/**
 * For which sides of its choices an item is of use. Of the lazy inputs of a node that has several, as Switch has, one is asked
 * for by each value of what decides it: what leads to different ones alone is never computed in the same step.
 */
import type { AnyNode, Port } from "../nodes/index.ts";
import { ownFeeds } from "./differentiate.ts";
import type { Feed } from "./feed.ts";
import type { Item } from "./item.ts";
import { contentKey, type Ledger } from "./ledger.ts";
import type { Placed } from "./scope.ts";

/** The port that must be chosen, by what decides it; undefined: what is typed chooses it never. */
type Side = ReadonlyMap<string, string> | undefined;

interface Reader {
  readonly by: Item;
  /** Of a node; a loop or a Differentiate asks for all that it reads. */
  readonly port?: string;
}

const always: Side = new Map();

export class Sides {
  readonly #readers = new Map<Item, Reader[]>();
  readonly #run: ReadonlySet<Item>;
  readonly #known = new Map<Item, Side>();
  readonly #deciders: unknown[] = [];
  readonly #ledger: Ledger;

  /** `run`: of the items of a plan those that run whoever reads them. */
  constructor(planned: readonly Item[], run: readonly Item[], all: ReadonlyMap<Placed, Item>, ledger: Ledger) {
    this.#ledger = ledger;
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

  /** Whether there is no step in which both are of use. */
  areApart(a: Item, b: Item): boolean {
    const [one, other] = [this.#sideOf(a), this.#sideOf(b)];
    return joined(one, other) === undefined;
  }

  /** Readers first, without recursion: a chain of nodes may be long. */
  #sideOf(wanted: Item): Side {
    const open = new Set<Item>();
    const waiting = [wanted];
    for (let item = waiting.at(-1); item; item = waiting.at(-1)) {
      const before = [...(this.#readers.get(item) ?? []).map(({ by }) => by), ...(item.within ? [item.within] : [])];
      const missing = open.has(item) ? [] : before.filter((one) => !this.#known.has(one) && !open.has(one));
      open.add(item);
      waiting.push(...missing);
      if (missing.length > 0) continue;
      if (!this.#known.has(item)) this.#known.set(item, this.#found(item));
      waiting.pop();
    }
    return this.#known.get(wanted);
  }

  #found(item: Item): Side {
    const readers = this.#readers.get(item) ?? [];
    const around = item.within ? this.#of(item.within) : always;
    if (this.#run.has(item) || readers.length === 0) return around;
    const sides = readers.map(({ by, port }) => joined(this.#of(by), this.#choice(by, port)));
    return joined(around, sides.reduce(shared));
  }

  /** In a circle, which is a problem of its own, nothing is known. */
  #of(item: Item): Side {
    return this.#known.has(item) ? this.#known.get(item) : always;
  }

  #choice({ placed: { entry }, feeds }: Item, port: string | undefined): Side {
    const { inputs = {}, needs } = (entry ?? {}) as Partial<AnyNode>;
    const ports = inputs as Readonly<Record<string, Port | undefined>>;
    if (port === undefined || !needs || !ports[port]?.lazy) return always;
    const deciding = [...feeds].filter(([name]) => ports[name]?.parameter);
    const typed = deciding.flatMap(([name, feed]) => (feed.is === "value" ? [[name, feed.value] as const] : []));
    if (typed.length === deciding.length) return needs(Object.fromEntries(typed)).includes(port) ? always : undefined;
    const told = deciding.map(([name, feed]) => [name, this.#ledger.identity(feed)]);
    return new Map([[contentKey([this.#numberOf(needs), told]), port]]);
  }

  /** Nodes that decide alike have one function. */
  #numberOf(needs: unknown): number {
    const known = this.#deciders.indexOf(needs);
    return known >= 0 ? known : this.#deciders.push(needs) - 1;
  }
}

function withHolders(item: Item): Item[] {
  return item.within ? [item, ...withHolders(item.within)] : [item];
}

/** Both of it. */
function joined(a: Side, b: Side): Side {
  if (!a || !b || [...a].some(([key, port]) => (b.get(key) ?? port) !== port)) return undefined;
  return b.size === 0 ? a : new Map([...a, ...b]);
}

/** What is true of either. */
const shared = (a: Side, b: Side): Side =>
  a && b ? new Map([...a].filter(([key, port]) => b.get(key) === port)) : (a ?? b);
