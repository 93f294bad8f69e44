/**
 * For which sides of its choices an item is of use: what leads to different sides of one choice alone is never computed in the
 * same step, whatever it is that decides.
 */
import type { Foretold } from "./foretold.ts";
import type { Item } from "./item.ts";
import { contentKey, type Ledger } from "./ledger.ts";
import { type Choice, type Readers, UseOf } from "./readers.ts";

/** The port that must be chosen, by what decides it; undefined: what follows from what is typed chooses it never. */
type Side = ReadonlyMap<string, string> | undefined;

const always: Side = new Map();

export class Sides {
  readonly #uses: UseOf<Side>;
  readonly #deciders: unknown[] = [];
  readonly #ledger: Ledger;
  readonly #foretold: Foretold;

  constructor(readers: Readers, foretold: Foretold, ledger: Ledger) {
    this.#ledger = ledger;
    this.#foretold = foretold;
    this.#uses = new UseOf<Side>(readers, {
      always,
      asked: (choice) => this.#asked(choice),
      both: joined,
      either: shared,
    });
  }

  /** Whether there is no step in which both are of use: of two steps it says nothing. */
  areApart(a: Item, b: Item): boolean {
    return joined(this.#uses.of(a), this.#uses.of(b)) === undefined;
  }

  isNever(item: Item): boolean {
    return this.#uses.of(item) === undefined;
  }

  #asked({ port, needs, deciding }: Choice): Side {
    const known = deciding.map(([name, feed]) => [name, this.#foretold.value(feed)] as const);
    if (known.every(([, value]) => value !== undefined))
      return needs(Object.fromEntries(known)).includes(port) ? always : undefined;
    const told = deciding.map(([name, feed]) => [name, this.#ledger.identity(feed)]);
    return new Map([[contentKey([this.#numberOf(needs), told]), port]]);
  }

  /** Nodes that decide alike have one function. */
  #numberOf(needs: unknown): number {
    const known = this.#deciders.indexOf(needs);
    return known >= 0 ? known : this.#deciders.push(needs) - 1;
  }
}

/** Both of it. */
function joined(a: Side, b: Side): Side {
  if (!a || !b || [...a].some(([key, port]) => (b.get(key) ?? port) !== port)) return undefined;
  return b.size === 0 ? a : new Map([...a, ...b]);
}

/** What is true of either. */
const shared = (a: Side, b: Side): Side =>
  a && b ? new Map([...a].filter(([key, port]) => b.get(key) === port)) : (a ?? b);
