/** What is drawn twice without a word: a note, since it may be meant. */
import { type AnyNode, GraphError } from "../nodes/index.ts";
import type { Feed } from "./feed.ts";
import { type Item, isLoopItem, type LoopItem } from "./item.ts";
import { contentKey, type Ledger } from "./ledger.ts";
import type { Placed } from "./scope.ts";

/** Notes on items that are part of the plan, from what was found of them. */
export function equalDraws(items: readonly Item[], all: ReadonlyMap<Placed, Item>, ledger: Ledger): GraphError[] {
  const drawing = items.filter((item) => ledger.entry(item)?.sound && draws(item, ledger));
  const changing = items.filter(isLoopItem).filter((loop) => changesLength(loop, ledger));
  return [
    ...alike(drawing, all, ledger),
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

/** One for each noise and step of which several draw. */
function alike(drawing: readonly Item[], all: ReadonlyMap<Placed, Item>, ledger: Ledger): GraphError[] {
  const groups = new Map<string, Item[]>();
  for (const item of drawing) {
    const step = stepOf(item, all);
    if (!step) continue;
    const key = contentKey([item.feeds.get("noise"), step].map((feed) => identityOf(feed as Feed, ledger)));
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()].flatMap(([first, ...others]) => others.map((other) => alikeNote(first, other)));
}

/** The step for which it draws: its own, or that of the prediction which it is given. */
function stepOf(item: Item, all: ReadonlyMap<Placed, Item>): Feed | undefined {
  for (let at: Item | undefined = item; at; ) {
    const step: Feed | undefined = at.feeds.get("step");
    if (step && step.is !== "nothing") return step;
    const made: Feed | undefined = at.feeds.get("prediction") ?? at.feeds.get("model_output");
    at = made?.is === "output" ? all.get(made.of) : undefined;
  }
  return undefined;
}

/** Of equal values: what made them, and in which loop. */
const identityOf = (feed: Feed, ledger: Ledger): unknown => [
  ledger.key(feed),
  (feed.is === "given" ? feed.by : ledger.home(feed)?.placed)?.path ?? null,
];

const alikeNote = (first: Item, other: Item): GraphError =>
  new GraphError(
    `It draws the very noise that “${first.placed.title}” draws: if that is not meant, give one of them a Gaussian Noise of another stream`,
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

function isIn({ within }: Item, loop: LoopItem): boolean {
  for (let at = within; at; at = at.within) if (at === loop) return true;
  return false;
}
