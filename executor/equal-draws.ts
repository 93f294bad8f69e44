/** What is drawn twice without a word: a note, since it may be meant. */
import { type AnyNode, GraphError } from "../nodes/index.ts";
import type { Foretold } from "./foretold.ts";
import { type Item, isIn, isLoopItem, type LoopItem } from "./item.ts";
import type { Ledger } from "./ledger.ts";
import { type Draws, LoopDraws } from "./loop-draws.ts";
import type { Placed } from "./scope.ts";
import { Sides } from "./sides.ts";

/** Notes on items that are part of a plan, of which `run` is run whoever reads it, from what was found of them. */
export function equalDraws(
  items: readonly Item[],
  run: readonly Item[],
  all: ReadonlyMap<Placed, Item>,
  ledger: Ledger,
): GraphError[] {
  const found = new LoopDraws(all, ledger);
  const drawing = items.filter((item) => ledger.entry(item)?.sound && draws(item, ledger, found.foretold));
  const changing = items.filter(isLoopItem).filter((loop) => changesLength(loop, ledger));
  const sides = new Sides(items, run, all, ledger);
  const ofNoises = [...found.of(drawing).values()];
  return [
    ...ofNoises.flatMap((ofNoise) => ofNoise.flatMap(({ items }) => alike(items, sides))),
    ...ofNoises.flatMap((ofNoise) => again(ofNoise, found, sides)),
    ...changing.filter((loop) => drawing.some((item) => isIn(item, loop))).map(lengthNote),
  ];
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
function alike(items: readonly Item[], sides: Sides): GraphError[] {
  return items.flatMap((other, i) => {
    const first = items.slice(0, i).find((one) => !sides.areApart(one, other));
    return first ? [alikeNote(first, other)] : [];
  });
}

/** Of those that draw for different steps: one for each of which some is another's, which is told of that which picks its step. */
function again(ofNoise: readonly Draws[], found: LoopDraws, sides: Sides): GraphError[] {
  const seen = new Map<number, Draws[]>();
  return ofNoise.flatMap((draws) => {
    const others = new Set(draws.numbers?.flatMap((number) => seen.get(number) ?? []));
    for (const number of new Set(draws.numbers)) seen.set(number, [...(seen.get(number) ?? []), draws].slice(0, most));
    if (!draws.numbers) for (const one of ofNoise) if (found.isBeside(draws, one)) others.add(one);
    for (const other of others) {
      const [first, second, tell] = told(other, draws, found);
      if (!tell) continue;
      const notes = second.items.flatMap((item) => {
        const one = first.items.find((one) => !sides.areApart(one, item));
        return one ? [tell(one, item)] : [];
      });
      if (notes.length > 0) return notes;
    }
    return [];
  });
}

/** More that take one draw are not looked at: of each one is told. */
const most = 8;

type Tell = (first: Item, second: Item) => GraphError;

/** Of two that have draws in common: the first, that of which it is told, and how; nothing where it may well be meant. */
function told(one: Draws, other: Draws, found: LoopDraws): readonly [Draws, Draws, Tell?] {
  // What picks its step is told of what draws in the loop's own.
  const [first, second] = one.step.is !== "given" && other.step.is === "given" ? [other, one] : [one, other];
  if (first.loop === second.loop) {
    const isTogether = first.numbers?.every((number, turn) => number === second.numbers?.[turn]);
    return [first, second, isTogether ? alikeNote : takenNote("beside", first.loop)];
  }
  if (!first.loop || !second.loop) {
    const [inside, outside] = first.loop ? [first, second] : [second, first];
    return [inside, outside, takenNote("picked", inside.loop)];
  }
  const isAfter = found.isAfter(second.loop, first.loop);
  if (!isAfter && !found.isAfter(first.loop, second.loop)) return [first, second];
  const [before, after] = isAfter ? [first, second] : [second, first];
  const drawn = new Set(before.numbers);
  const count = after.numbers?.filter((number) => drawn.has(number)).length ?? 0;
  return [before, after, againNote(before.loop as LoopItem, count)];
}

const alikeNote: Tell = (first, other) =>
  new GraphError(
    `It draws the very noise that “${first.placed.title}” draws: if that is not meant, give one of them a Gaussian Noise of another stream`,
    "noise",
    other.placed.path,
  );

const againNote =
  (loop: LoopItem, steps: number): Tell =>
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
