/** Judges a Differentiate: what it draws as the nodes they are, and then whether it can be drawn. */
import { GraphError } from "../nodes/index.ts";
import { allFeeds, drawProblem, isThrough, type OutputRead } from "./differentiate.ts";
import type { Feed } from "./feed.ts";
import { type DrawnItem, type Item, isIn } from "./item.ts";
import { contentKey, type Entry, type Ledger, placeIn } from "./ledger.ts";
import { feedProblem } from "./problems.ts";

/** What it takes of the judge. */
interface Judging {
  readonly ledger: Ledger;
  entry(item: Item): Entry;
  isRight(problem: GraphError | undefined): boolean;
  keysOf(feeds: Iterable<readonly [string, Feed]>): object;
  drawnBy(item: DrawnItem): readonly Item[];
  readOf(item: DrawnItem): readonly OutputRead[];
}

/** All of it runs where the innermost of it must. */
export function drawnEntry(item: DrawnItem, judge: Judging): Entry {
  const { ledger } = judge;
  const nodes = judge.drawnBy(item);
  for (const node of nodes) ledger.add(node, judge.entry(node));

  const wired = [...item.feeds].map(([port, feed]) => (feed.is === "output" ? wiredEnd(item, port) : undefined));
  const value = item.problems.length > 0 ? undefined : feedProblem(item.by, { kind: "tensor", optional: false });
  const right = [...wired, ...item.problems, value, ...nodes.map(drawProblem)].map((one) => judge.isRight(one));
  const isSound = [...nodes.map((node) => ledger.entry(node)?.sound), ledger.sound(item.by)].every(Boolean);

  const feeds = allFeeds(item);
  const perBatch = feeds.some((feed) => ledger.perBatch(feed));
  // A loop on the way, which is refused, is home to its own body alone.
  const place = placeIn(ledger.loops(feeds).filter((loop) => isIn(item, loop)));
  for (const node of nodes) {
    const entry = ledger.entry(node);
    if (entry) ledger.add(node, { ...entry, ...place, perBatch });
  }
  const throughIn = ({ feeds }: Item): string[] =>
    [...feeds].flatMap(([port, feed]) => (isThrough(feed, item.placed) ? [port] : []));
  const parts = nodes.map((node) => [node.placed.path, ledger.entry(node)?.key, throughIn(node)]);
  const read = judge.readOf(item).map(({ name }) => name);
  return {
    sound: right.every(Boolean) && isSound,
    sources: {},
    facts: { gradient: { ...ledger.facts(item.by), meaning: "gradient" } },
    key: contentKey(["drawn", judge.keysOf(item.feeds), ledger.key(item.by), parts, read]),
    perBatch,
    effect: false,
    ...place,
  };
}

/** What is differentiated is chosen before anything runs. */
const wiredEnd = ({ placed: { path, title } }: Item, port: string): GraphError =>
  new GraphError(`A wire cannot choose what ${title} differentiates: remove it, and set "${port}" here`, port, path);
