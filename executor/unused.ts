/** What leads to nothing that is saved or shown, and so does not run: a wire is missing, or it is left over. */
import { graphSlot } from "../graphs/document/index.ts";
import { GraphError } from "../nodes/index.ts";
import { ownFeeds, readsOf } from "./differentiate.ts";
import { feedOf } from "./feed.ts";
import { type Item, isDrawnItem } from "./item.ts";
import { type Needs, needsOf } from "./order.ts";
import type { Placed, Scope } from "./scope.ts";

/** So many are called by name. */
const most = 3;

/** One note for all of them, and one for each gradient of what runs. `wanted`: what saves or shows. */
export function unusedNodes(
  all: ReadonlyMap<Placed, Item>,
  wanted: readonly Item[],
  needs: Needs,
  root: Scope,
): GraphError[] {
  // Of what runs nothing, something else is said.
  if (wanted.length === 0) return [];
  const used = new Set([...needs.items].flatMap(({ placed }) => [placed, ...holdersOf(placed)]));
  const offered = needsOf([...wanted, ...ofOutputs(root, used, all)], all);
  const unused = [...all.values()].filter((item) => !offered.items.has(item));
  const led = new Set(unused.flatMap((item) => leadingTo(item, used)));
  const tops = new Set(unused.filter((item) => !isAlone(item, led)).map(({ placed }) => topOf(placed, used)));
  // Where the wire is missing comes first, what leads there behind it.
  const named = [...tops].sort((one, other) => Number(led.has(one)) - Number(led.has(other)));
  return [...(tops.size > 0 ? [unusedNote(named)] : []), ...unreadGradients(needs, wanted, all)];
}

/** What others may take or leave: graphs inside that are used offer all their outputs. */
function ofOutputs(scope: Scope, used: ReadonlySet<Placed>, all: ReadonlyMap<Placed, Item>): Item[] {
  const own = [...scope.outputs.values()].flatMap((output) => {
    const feed = feedOf(output, graphSlot);
    return (feed.is === "output" && all.get(feed.of)) || [];
  });
  const inside = [...scope.nodes.values()].flatMap((placed) =>
    placed.inner && used.has(placed) ? ofOutputs(placed.inner, used, all) : [],
  );
  return [...own, ...inside];
}

const holdersOf = ({ scope: { outer } }: Placed): Placed[] => (outer ? [outer, ...holdersOf(outer)] : []);

/** One that was just put there has no wire yet, as everybody sees. */
const isAlone = (item: Item, led: ReadonlySet<Placed>): boolean =>
  !led.has(item.placed) && ownFeeds(item).every((feed) => feed.is !== "output");

/** What others of them read. */
const leadingTo = (item: Item, used: ReadonlySet<Placed>): Placed[] =>
  ownFeeds(item).flatMap((feed) => {
    const top = feed.is === "output" ? topOf(feed.of, used) : undefined;
    return top && top !== topOf(item.placed, used) ? [top] : [];
  });

/** The outermost node around it of which nothing is used, or it. */
const topOf = (placed: Placed, used: ReadonlySet<Placed>): Placed =>
  holdersOf(placed).findLast((holder) => !used.has(holder)) ?? placed;

function unusedNote(nodes: readonly Placed[]): GraphError {
  const named = nodes.slice(0, nodes.length > most + 1 ? most : most + 1).map(({ title }) => `“${title}”`);
  const left = nodes.length - named.length;
  const last = left > 0 ? `${left} more` : named.length > 1 ? named.pop() : undefined;
  const which = last === undefined ? named[0] : `${named.join(", ")} and ${last}`;
  const [does, it] = nodes.length > 1 ? ["do", "them"] : ["does", "it"];
  return new GraphError(
    `${which} ${does} not run: nothing that is saved or shown needs ${it}; wire what ${it === "it" ? "it gives" : "they give"}, or remove ${it}`,
    undefined,
    nodes[0].path,
  );
}

/** A Differentiate that runs for what its graph computes: what it is there for is left out. */
const unreadGradients = (needs: Needs, wanted: readonly Item[], all: ReadonlyMap<Placed, Item>): GraphError[] =>
  [...needs.items].filter(isDrawnItem).flatMap((item) => {
    const reads = readsOf(item, needs.items, wanted.includes(item), all);
    return reads.some(({ of }) => of === item) ? [] : [gradientNote(item.placed)];
  });

const gradientNote = ({ path }: Placed): GraphError =>
  new GraphError(
    "Nothing that is saved or shown needs its gradient: wire it to what it is to guide, or make it a Subgraph",
    "gradient",
    path,
  );
