/**
 * What a Differentiate draws: of its inner graph the items that lead from its variable to what is differentiated. They run as
 * one, with it; what does not depend on the variable runs before, and what only reads them behind, as the nodes they are.
 */
import { graphSlot, structures } from "../graphs/document/index.ts";
import { GraphError } from "../nodes/index.ts";
import { type Feed, feedOf, parameterOf } from "./feed.ts";
import { type DrawnItem, type Found, type Item, isDrawnItem, isLoopItem, type LoopItem } from "./item.ts";
import type { Placed, Scope } from "./scope.ts";
import { outputKey } from "./step.ts";

/** The item of a Differentiate, and those of its inner graph that are not drawn with it. */
export function drawnItem(placed: Placed, inside: readonly Item[], within: LoopItem | undefined, found: Found): Item[] {
  const inner = placed.inner as Scope;
  const [of, by] = [parameterOf(placed, "of"), parameterOf(placed, "by")];
  const end = inner.outputs.get(of);
  const goal = end ? feedOf(end, graphSlot) : undefined;
  const problems = endsProblems(placed, of, by);
  const path = problems.length > 0 || !goal ? new Set<Item>() : pathTo(goal, dependents(placed, inside), inside);
  if (problems.length === 0 && goal && path.size === 0 && !isThrough(goal, placed))
    problems.push(apartProblem(placed, of, by));
  const item: DrawnItem & { nodes: Item[] } = {
    ...{ placed, within, of: goal, by: feedOf(placed, by), nodes: [] },
    feeds: new Map(["of", "by"].map((port) => [port, feedOf(placed, port)])),
    problems,
  };
  for (const one of path) item.nodes.push(Object.assign(one, { drawnIn: item }));
  found.items.set(placed, item);
  return [...inside.filter((one) => !path.has(one)), item];
}

export const isThrough = ({ through }: Feed, placed: Placed): boolean => through?.includes(placed) ?? false;

/** Everything that an item reads, a loop's body and what is drawn included. */
export const allFeeds = (item: Item): Feed[] => [...ownFeeds(item), ...insideOf(item).flatMap(allFeeds)];

const insideOf = (item: Item): readonly Item[] => (isLoopItem(item) ? item.body : isDrawnItem(item) ? item.nodes : []);

/** What it reads by itself, its ends included. */
export function ownFeeds(item: Item): Feed[] {
  const own = [...item.feeds.values()];
  if (isLoopItem(item)) {
    const carried = [...item.carried.values()].flatMap(({ first, next }) => [first, next]);
    return [...own, ...carried, ...item.last.values()];
  }
  return isDrawnItem(item) ? [...own, item.by, ...(item.of ? [item.of] : [])] : own;
}

/** What items outside of a Differentiate read of it, and of what it draws; of one that is run to, all its outputs. */
export function readsOf(
  drawn: DrawnItem,
  items: Iterable<Item>,
  isTarget: boolean,
  all: ReadonlyMap<Placed, Item>,
): OutputRead[] {
  const reads = new Map<string, OutputRead>();
  const read = (feed: Feed) => {
    const of = feed.is === "output" ? all.get(feed.of) : undefined;
    if (feed.is !== "output" || !of || (of !== drawn && of.drawnIn !== drawn)) return;
    const name = outputKey(of.placed.path, feed.output);
    reads.set(name, { of, output: feed.output, name });
  };
  for (const item of items) if (item !== drawn && item.drawnIn !== drawn) for (const feed of ownFeeds(item)) read(feed);
  if (isTarget) {
    for (const output of drawn.placed.inner!.outputs.values()) read(feedOf(output, graphSlot));
    read({ is: "output", of: drawn.placed, output: "gradient" });
  }
  return [...reads.values()];
}

export interface OutputRead {
  readonly of: Item;
  readonly output: string;
  /** Tells it from others. */
  readonly name: string;
}

/** The item of the list in which each node is. */
function holders(inside: readonly Item[]): ReadonlyMap<Placed, Item> {
  const within = (item: Item): Placed[] => [item.placed, ...insideOf(item).flatMap(within)];
  return new Map(inside.flatMap((item) => within(item).map((placed) => [placed, item] as const)));
}

/** Items that a change of the variable changes. */
function dependents(placed: Placed, inside: readonly Item[]): ReadonlySet<Item> {
  const holder = holders(inside);
  const readers = new Map<Item, Item[]>();
  const reached = new Set<Item>();
  for (const item of inside)
    for (const feed of allFeeds(item)) {
      if (isThrough(feed, placed)) reached.add(item);
      const source = feed.is === "output" ? holder.get(feed.of) : undefined;
      if (source) readers.set(source, [...(readers.get(source) ?? []), item]);
    }
  for (const item of reached) for (const reader of readers.get(item) ?? []) reached.add(reader);
  return reached;
}

/** Those of them on which the goal depends. */
function pathTo(goal: Feed, dependents: ReadonlySet<Item>, inside: readonly Item[]): ReadonlySet<Item> {
  const holder = holders(inside);
  const path = new Set<Item>();
  const need = (feed: Feed) => {
    const source = feed.is === "output" ? holder.get(feed.of) : undefined;
    if (source && dependents.has(source)) path.add(source);
  };
  need(goal);
  for (const item of path) for (const feed of allFeeds(item)) need(feed);
  return path;
}

function endsProblems({ inner, inputs, path }: Placed, of: string, by: string): GraphError[] {
  const ends = [
    { port: "of", name: of, there: inner!.outputs, what: "no output", make: "add a Graph Output" },
    { port: "by", name: by, there: inner!.inputs, what: "no input", make: "add a Graph Input" },
  ];
  return ends.flatMap(({ port, name, there, what, make }) => {
    const choices = inputs.get(port)?.parameter?.choices ?? [];
    if (choices.includes(name)) return [];
    const instead = choices.length > 0 ? `choose ${choices.map((one) => `"${one}"`).join(" or ")}` : make;
    const why = there.has(name) ? `"${name}" is no tensor` : `the graph inside has ${what} "${name}"`;
    return [new GraphError(`Cannot differentiate: ${why}; ${instead}`, port, path)];
  });
}

const apartProblem = ({ path }: Placed, of: string, by: string): GraphError =>
  new GraphError(`Cannot differentiate: "${of}" does not depend on "${by}"`, "of", path);

const whyNoLoop =
  "how many steps it takes is known only when it runs, and all of them would be held at once; differentiate one step inside the loop instead, or wire the few that you need one after the other";
const whyNoGradient =
  "that asks for second derivatives of what is inside it; use its gradient outside, or a Guidance Gradient, whose gradient can be differentiated";

/** Why an item that lies on the way cannot be drawn. */
export function drawProblem({ placed }: Item): GraphError | undefined {
  const { entry, path, title } = placed;
  if (!entry) return undefined;
  if (!("run" in entry)) {
    const why = entry.type === structures.loop ? whyNoLoop : whyNoGradient;
    return new GraphError(
      `“${title}” cannot be drawn: a ${entry.title} inside a Differentiate may not lie between what it is of and what it is by: ${why}`,
      undefined,
      path,
    );
  }
  if (entry.draw && entry.undrawn === undefined) return undefined;
  const why = entry.undrawn ?? "has no drawn form";
  return new GraphError(`“${title}” cannot be drawn: it ${why}, so no gradient goes through it`, undefined, path);
}
