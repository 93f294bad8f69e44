/** In which turns of a loop items are of use, as far as what is typed tells which sides Switches choose there. */
import type { Foretold } from "./foretold.ts";
import type { Item, LoopItem } from "./item.ts";
import { type Choice, type Readers, UseOf } from "./readers.ts";

/** In each turn, or where there are none that are known, at all; undefined where only a run knows it. */
export type Turns = readonly (boolean | undefined)[];

export class UsedTurns {
  readonly #readers: Readers;
  readonly #foretold: Foretold;
  readonly #uses = new Map<LoopItem | undefined, UseOf<Turns>>();

  constructor(readers: Readers, foretold: Foretold) {
    this.#readers = readers;
    this.#foretold = foretold;
  }

  of(item: Item, loop: LoopItem | undefined): Turns {
    const known = this.#uses.get(loop);
    if (known) return known.of(item);
    const always = this.all(loop);
    const asked = (choice: Choice) => this.#asked(choice, loop, always);
    const uses = new UseOf<Turns>(this.#readers, { always, asked, both: bothOf, either: eitherOf });
    this.#uses.set(loop, uses);
    return uses.of(item);
  }

  all(loop: LoopItem | undefined): Turns {
    return (loop && this.#foretold.steps(loop)?.map(() => true)) ?? [true];
  }

  #asked({ port, needs, deciding }: Choice, loop: LoopItem | undefined, always: Turns): Turns {
    const told = deciding.map(([name, feed]) => [name, this.#foretold.along(feed, loop)] as const);
    return always.map((_, turn) => {
      const values = told.map(([name, values]) => [name, values?.[turn]] as const);
      if (values.some(([, value]) => value === undefined)) return undefined;
      return needs(Object.fromEntries(values)).includes(port);
    });
  }
}

/** Of what is not known, false and another is false, true or another is true. */
export const bothOf = (one: Turns, other: Turns): Turns =>
  one === other
    ? one
    : one.map((a, turn) => (a === false || other[turn] === false ? false : a === true ? other[turn] : a));

const eitherOf = (one: Turns, other: Turns): Turns =>
  one === other
    ? one
    : one.map((a, turn) => (a === true || other[turn] === true ? true : a === false ? other[turn] : a));
