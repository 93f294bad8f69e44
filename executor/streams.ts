/** Which noises are one: alike in what their draws are known by, whatever their sizes. And what gives such a noise twice: a note. */
import { type AnyNode, GraphError } from "../nodes/index.ts";
import { ownFeeds } from "./differentiate.ts";
import type { Feed } from "./feed.ts";
import type { Foretold } from "./foretold.ts";
import type { Item } from "./item.ts";
import { contentKey, type Ledger } from "./ledger.ts";
import type { Placed } from "./scope.ts";

/** Equal where draws are. */
export function streamKey(
  feed: Feed,
  all: ReadonlyMap<Placed, Item>,
  { foretold, ledger }: { readonly foretold: Foretold; readonly ledger: Ledger },
): string {
  const item = feed.is === "output" ? all.get(feed.of) : undefined;
  const stream = item && streamOf(item, foretold);
  return contentKey(stream && feed.is === "output" ? [feed.output, stream] : ledger.identity(feed));
}

function streamOf({ placed: { entry }, feeds }: Item, foretold: Foretold): readonly unknown[] | undefined {
  const { stream } = (entry ?? {}) as Partial<AnyNode>;
  return stream?.((name) => foretold.value(feeds.get(name)));
}

/** Of those whose noise itself is read, as a tensor: one for each that gives what one before it does. */
export function equalStarts(items: readonly Item[], foretold: Foretold): GraphError[] {
  const read = new Set(items.flatMap(ownFeeds).flatMap((feed) => (isPure(feed) ? [feed.of] : [])));
  const first = new Map<string, Placed>();
  return items.flatMap((item) => {
    const stream = read.has(item.placed) ? streamOf(item, foretold) : undefined;
    if (!stream) return [];
    const one = first.get(contentKey(stream));
    if (one) return [startNote(one, item.placed)];
    first.set(contentKey(stream), item.placed);
    return [];
  });
}

const isPure = (feed: Feed): feed is Extract<Feed, { is: "output" }> =>
  feed.is === "output" && (feed.of.entry as AnyNode | undefined)?.levels?.[feed.output] === "pure";

const startNote = ({ title }: Placed, { path, title: own }: Placed): GraphError =>
  new GraphError(
    `Its x_T is the very noise that ${title === own ? "another " : ""}“${title}” gives: if that is not meant, give one of them another stream`,
    "stream",
    path,
  );
