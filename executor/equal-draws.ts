/** What is drawn twice without a word: a note, since it may be meant. */
import { type AnyNode, GraphError } from "../nodes/index.ts";
import type { Feed } from "./feed.ts";
import type { Foretold } from "./foretold.ts";
import { type Item, isIn, isLoopItem, type LoopItem } from "./item.ts";
import type { Ledger } from "./ledger.ts";
import { type Draws, LoopDraws } from "./loop-draws.ts";
import type { Readers } from "./readers.ts";
import type { Placed } from "./scope.ts";
import { Sides } from "./sides.ts";

/** Notes on items that are part of a plan, from what was found of them. */
export function equalDraws(
  items: readonly Item[],
  readers: Readers,
  all: ReadonlyMap<Placed, Item>,
  foretold: Foretold,
  ledger: Ledger,
): GraphError[] {
  const found = new LoopDraws(all, foretold, ledger, readers);
  const sides = new Sides(readers, foretold, ledger);
  const drawing = items.filter(
    (item) => ledger.entry(item)?.sound && draws(item, ledger, foretold) && !sides.isNever(item),
  );
  const changing = items.filter(isLoopItem).filter((loop) => changesLength(loop, ledger));
  const ofNoises = [...found.of(drawing).values()];
  const notes = [
    ...ofNoises.flatMap((ofNoise) => ofNoise.flatMap((draws) => alike(draws, sides))),
    ...ofNoises.flatMap((ofNoise) => again(ofNoise, found, sides)),
    ...changing.filter((loop) => drawing.some((item) => isIn(item, loop))).map(lengthNote),
  ];
  const told = new Set(notes.map(({ path }) => path));
  const repeats = ofNoises.flat().flatMap((draws) => repeated(draws, found, ledger));
  return [...notes, ...repeats.filter(({ path }) => !told.has(path))];
}

/** Whether it takes draws of a stream, as far as that is known. */
function draws({ placed, feeds }: Item, ledger: Ledger, foretold: Foretold): boolean {
  const { entry } = placed;
  const noise = feeds.get("noise");
  if (!entry || !("run" in entry) || !noise || ledger.key(noise) === null) return false;
  const { draws = () => true } = entry as AnyNode;
  return draws((name) => foretold.value(feeds.get(name)));
}

/** Of those that draw for one step: one for each that draws what one before it does, in a step in which both may draw. */
function alike({ items, loop }: Draws, sides: Sides): GraphError[] {
  return items.flatMap((other, i) => {
    const first = items.slice(0, i).find((one) => !areApart(one, other, loop, sides));
    return first ? [alikeNote(first, other)] : [];
  });
}

/** Whether two that draw in the same step of a loop never both do: what lies further in asks in several turns for one step. */
const areApart = (one: Item, other: Item, loop: LoopItem | undefined, sides: Sides): boolean =>
  one.within === loop && other.within === loop && sides.areApart(one, other);

/** Of those that draw for different steps: one for each of which some is another's, which is told of that which picks its step. */
function again(ofNoise: readonly Draws[], found: LoopDraws, sides: Sides): GraphError[] {
  const seen = new Map<number, Draws[]>();
  return ofNoise.flatMap((draws) => {
    const numbers = new Set(draws.taken?.map(({ number }) => number));
    const others = new Set([...numbers].flatMap((number) => seen.get(number) ?? []));
    for (const number of numbers) seen.set(number, [...(seen.get(number) ?? []), draws].slice(0, most));
    if (!draws.taken) for (const one of ofNoise) if (found.isBeside(draws, one)) others.add(one);
    for (const other of others) {
      const { first, second, tell, isTogether } = told(other, draws, found);
      if (!tell) continue;
      const notes = second.items.flatMap((item) => {
        const one = first.items.find((one) => !isTogether || !areApart(one, item, first.loop, sides));
        return one ? [tell(one, item)] : [];
      });
      if (notes.length > 0) return notes;
    }
    return [];
  });
}

/** Of those that draw the same in several turns of the loop around them: one for each. */
function repeated({ items, loop, taken = [] }: Draws, found: LoopDraws, ledger: Ledger): GraphError[] {
  const repeats = taken.length - new Set(taken.map(({ number }) => number)).size;
  return items.flatMap((item) => {
    const around = item.within;
    if (!around || ledger.home(item.feeds.get("noise") as Feed) === around) return [];
    if (loop === around) return repeats > 0 ? [repeatNote(around, repeats, item)] : [];
    const turns = found.drawsIn(item, around);
    const isOnce = ledger.entry(around)?.count === 1 || (turns.length > 1 && turns.filter(isPossible).length < 2);
    return isOnce ? [] : [everyNote(around, item)];
  });
}

const isPossible = (is: boolean | undefined): boolean => is !== false;

/** More that take one draw are not looked at: of each one is told. */
const most = 8;

type Tell = (first: Item, second: Item) => GraphError;

interface Told {
  readonly first: Draws;
  /** Of which it is told. */
  readonly second: Draws;
  /** Absent where it may well be meant. */
  readonly tell?: Tell;
  /** They draw the same in the same step alone. */
  readonly isTogether?: boolean;
}

/** What is said of two that have draws in common. */
function told(one: Draws, other: Draws, found: LoopDraws): Told {
  // What picks its step is told of what draws in the loop's own.
  const [first, second] = one.step.is !== "given" && other.step.is === "given" ? [other, one] : [one, other];
  if (first.loop === second.loop) {
    const isTogether = areTogether(first.taken, second.taken);
    return { first, second, isTogether, tell: isTogether ? alikeNote : takenNote("beside", first.loop) };
  }
  if (!first.loop || !second.loop) {
    const [inside, outside] = first.loop ? [first, second] : [second, first];
    return { first: inside, second: outside, tell: takenNote("picked", inside.loop) };
  }
  const isAfter = found.isAfter(second.loop, first.loop);
  if (!isAfter && !found.isAfter(first.loop, second.loop)) return { first, second };
  const [before, after] = isAfter ? [first, second] : [second, first];
  const drawn = new Map(before.taken?.map(({ number, isSure }) => [number, isSure]));
  const both = after.taken?.filter(({ number }) => drawn.has(number)) ?? [];
  const isSure = both.every(({ number, isSure }) => isSure && drawn.get(number));
  return {
    ...{ first: before, second: after },
    tell: againNote(before.loop as LoopItem, `${isSure ? "" : "up to "}${both.length}`),
  };
}

function areTogether(one: Draws["taken"], other: Draws["taken"]): boolean {
  if (!one || !other) return false;
  const turns = new Map<number, Set<number>>(one.map(({ number }) => [number, new Set()]));
  for (const { number, turn } of [...one, ...other]) turns.get(number)?.add(turn);
  return other.every(({ number }) => (turns.get(number)?.size ?? 1) === 1);
}

const alikeNote: Tell = (first, other) =>
  new GraphError(
    `It draws the very noise that “${first.placed.title}” draws: if that is not meant, give one of them a Gaussian Noise of another stream`,
    "noise",
    other.placed.path,
  );

const againNote =
  (loop: LoopItem, steps: string): Tell =>
  (first, other) =>
    new GraphError(
      `In ${steps} of its steps it draws the very noise that “${first.placed.title}” drew in “${loop.placed.title}” before: if that is not meant, give one of them a Gaussian Noise of another stream`,
      "noise",
      other.placed.path,
    );

const takenNote =
  (taken: "beside" | "picked", loop: LoopItem | undefined): Tell =>
  (first, other) =>
    new GraphError(
      `It draws for a step ${taken === "beside" ? "beside the loop's own" : `that “${loop?.placed.title}” takes too`}, and in that one “${first.placed.title}” draws the very same noise: if that is not meant, give one of them a Gaussian Noise of another stream`,
      "noise",
      other.placed.path,
    );

const everyNote = ({ placed }: LoopItem, item: Item): GraphError =>
  new GraphError(
    `It draws the very same noise in every step of “${placed.title}”, since the step for which it draws comes from outside: if that is not meant, wire that loop's own step to it`,
    "noise",
    item.placed.path,
  );

const repeatNote = ({ placed }: LoopItem, steps: number, item: Item): GraphError =>
  new GraphError(
    `In ${steps} of the steps of “${placed.title}” it draws for a step for which it has drawn before, and so the very same noise: if that is not meant, wire that loop's own step to it`,
    "noise",
    item.placed.path,
  );

/** A loop inside another that takes as many steps as the turn of that one says. */
const changesLength = (loop: LoopItem, ledger: Ledger): boolean =>
  loop.within !== undefined &&
  ledger.entry(loop)?.sound === true &&
  ledger.entry(loop)?.count === undefined &&
  [...loop.feeds.values()].some((feed) => ledger.home(feed) !== undefined);

const lengthNote = ({ placed: { path } }: LoopItem): GraphError =>
  new GraphError(
    "How many steps it takes may change from turn to turn of the loop around it, and then turns may share draws: type its order, start and stop if that is not meant",
    "order",
    path,
  );
