/** What is drawn twice without a word: a note, since it may be meant. */
import { type AnyNode, GraphError, type Kind } from "../nodes/index.ts";
import type { Feed } from "./feed.ts";
import { type Item, isIn, isLoopItem, type LoopItem } from "./item.ts";
import { contentKey, type Ledger } from "./ledger.ts";
import { LoopDraws } from "./loop-draws.ts";
import type { Placed } from "./scope.ts";
import { Sides } from "./sides.ts";

/** Notes on items that are part of a plan, of which `run` is run whoever reads it, from what was found of them. */
export function equalDraws(
  items: readonly Item[],
  run: readonly Item[],
  all: ReadonlyMap<Placed, Item>,
  ledger: Ledger,
): GraphError[] {
  const drawing = items.filter((item) => ledger.entry(item)?.sound && draws(item, ledger));
  const changing = items.filter(isLoopItem).filter((loop) => changesLength(loop, ledger));
  const sides = new Sides(items, run, all, ledger);
  return [
    ...alike(drawing, sides, all, ledger),
    ...again(drawing, sides, all, ledger),
    ...changing.filter((loop) => drawing.some((item) => isIn(item, loop))).map(lengthNote),
  ];
}

/** Whether it takes draws of a stream, as far as that is known. */
function draws({ placed, feeds }: Item, ledger: Ledger): boolean {
  const { entry } = placed;
  const noise = feeds.get("noise");
  if (!entry || !("run" in entry) || !noise || ledger.key(noise) === null) return false;
  const { draws = () => true } = entry as AnyNode;
  return draws((name) => {
    const feed = feeds.get(name);
    return feed?.is === "value" ? feed.value : undefined;
  });
}

/** One for each that draws what one before it does, in a step in which both may draw. */
function alike(drawing: readonly Item[], sides: Sides, all: ReadonlyMap<Placed, Item>, ledger: Ledger): GraphError[] {
  const groups = new Map<string, Item[]>();
  for (const item of drawing) {
    const step = stepOf(item, all);
    if (!step) continue;
    const key = contentKey([item.feeds.get("noise"), step].map((feed) => ledger.identity(feed as Feed)));
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()].flatMap((group) =>
    group.flatMap((other, i) => {
      const first = group.slice(0, i).find((one) => !sides.areApart(one, other));
      return first ? [alikeNote(first, other)] : [];
    }),
  );
}

/**
 * One for each that draws what is drawn in a loop: in a loop before, from which its own goes on, or in another step of a loop
 * than the one in which it draws itself.
 */
function again(drawing: readonly Item[], sides: Sides, all: ReadonlyMap<Placed, Item>, ledger: Ledger): GraphError[] {
  const draws = new LoopDraws(all, ledger);
  const marked = drawing.flatMap((item) => {
    const step = stepOf(item, all);
    const loop = step?.is === "given" ? all.get(step.by) : undefined;
    const noise = contentKey(ledger.identity(item.feeds.get("noise") as Feed));
    return step ? [{ item, step, noise, loop: loop && isLoopItem(loop) ? loop : undefined }] : [];
  });
  const inLoops = marked.flatMap(({ loop, ...one }) => (loop && ledger.entry(loop)?.sound ? [{ ...one, loop }] : []));
  const byNoise = new Map<string, Map<LoopItem, Item[]>>();
  for (const { noise, loop, item } of inLoops) {
    const loops = byNoise.get(noise) ?? new Map<LoopItem, Item[]>();
    byNoise.set(noise, loops.set(loop, [...(loops.get(loop) ?? []), item]));
  }
  return marked.flatMap(({ item, step, loop, noise }) => {
    for (const [earlier, befores] of byNoise.get(noise) ?? []) {
      const steps = loop && ledger.entry(loop)?.sound ? draws.common(earlier, loop) : 0;
      const taken = steps > 0 ? undefined : draws.taken(step, earlier);
      const before = steps > 0 || taken ? befores.find((one) => !sides.areApart(one, item)) : undefined;
      if (before) return [taken ? takenNote(before, earlier, item, taken) : againNote(before, earlier, item, steps)];
    }
    return [];
  });
}

/** The step for which it draws: its own, or that of the prediction which it is given. */
function stepOf(item: Item, all: ReadonlyMap<Placed, Item>): Feed | undefined {
  for (let at: Item | undefined = item; at; ) {
    const step: Feed | undefined = at.feeds.get("step");
    if (step && step.is !== "nothing") return step;
    const made: Feed | undefined = madeIn(at);
    at = made?.is === "output" ? all.get(made.of) : undefined;
  }
  return undefined;
}

/** What it is given that tells of which step it is. */
const madeIn = ({ feeds, placed }: Item): Feed | undefined =>
  [...feeds].find(([port]) => ofStep.has(placed.inputs.get(port)?.kind))?.[1];

/** Kinds of values that tell it. */
const ofStep: ReadonlySet<Kind | undefined> = new Set<Kind>(["prediction", "model_output"]);

const alikeNote = (first: Item, other: Item): GraphError =>
  new GraphError(
    `It draws the very noise that “${first.placed.title}” draws: if that is not meant, give one of them a Gaussian Noise of another stream`,
    "noise",
    other.placed.path,
  );

const againNote = (first: Item, loop: LoopItem, other: Item, steps: number): GraphError =>
  new GraphError(
    `In ${steps} of its steps it draws the very noise that “${first.placed.title}” drew in “${loop.placed.title}” before: if that is not meant, give one of them a Gaussian Noise of another stream`,
    "noise",
    other.placed.path,
  );

const takenNote = (first: Item, loop: LoopItem, other: Item, taken: "beside" | "picked"): GraphError =>
  new GraphError(
    `It draws for a step ${taken === "beside" ? "beside the loop's own" : `that “${loop.placed.title}” takes too`}, and in that one “${first.placed.title}” draws the very same noise: if that is not meant, give one of them a Gaussian Noise of another stream`,
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
