/** Where the batches come from that do not fit: who reads only that 8 is not 4 does not know which node to turn. */
import { BatchMismatch, GraphError } from "../nodes/index.ts";
import type { Feed } from "./feed.ts";
import { type Item, isDrawnItem, isLoopItem } from "./item.ts";
import type { Ledger } from "./ledger.ts";
import { named, type Placed } from "./scope.ts";

type All = ReadonlyMap<Placed, Item>;

/** The same error, with the nodes that decide the two batches, and what would make them one. */
export function withOrigins(error: unknown, item: Item, all: All, ledger: Ledger): unknown {
  if (!(error instanceof BatchMismatch)) return error;
  const { port = "", other, batch, wanted } = error;
  const by = (name: string, size: number): string[] => {
    const feed = item.feeds.get(name);
    const origin = feed && originOf(feed, size, all, ledger);
    return origin === undefined ? [] : [`${name} has ${size} by ${origin}`];
  };
  const told = [...by(other, wanted), ...by(port, batch)].join(", ");
  const mend = batch === 1 && isTensor(item, port) ? `; one for all goes through a Repeat of ${wanted} times` : "";
  return new GraphError(`${error.message}${told && `; ${told}`}${mend}`, error.port);
}

const isTensor = ({ placed: { inputs } }: Item, port: string): boolean => inputs.get(port)?.kind === "tensor";

/** "batch of Noise (3)": the first node on the way that has this batch of no other, and which parameter says it. */
function originOf(feed: Feed, batch: number, all: All, ledger: Ledger): string | undefined {
  const isOf = (one: Feed) => (ledger.facts(one) as { readonly batch?: number } | undefined)?.batch === batch;
  const seen = new Set<Item>();
  let at: Feed = feed;
  for (;;) {
    if (at.is === "given") {
      const loop = all.get(at.by);
      const first = loop && isLoopItem(loop) ? loop.carried.get(at.name)?.first : undefined;
      if (!first) return undefined;
      at = first;
      continue;
    }
    const item = at.is === "output" ? all.get(at.of) : undefined;
    if (!item || seen.has(item)) return undefined;
    seen.add(item);
    const next = readBy(item, at.is === "output" ? at.output : "").find(isOf);
    if (!next) return shown(item, batch);
    at = next;
  }
}

/** What an output may have its batch of. */
function readBy(item: Item, output: string): readonly Feed[] {
  if (isDrawnItem(item)) return [item.by];
  if (!isLoopItem(item)) return [...item.feeds.values()];
  const feed = item.carried.get(output)?.first ?? item.last.get(output);
  return feed ? [feed] : [];
}

/** What nodes call the parameter that says how many samples they give; where it is called otherwise, the number tells it. */
const counting = ["batch", "count"];

/** The node, and the parameter that holds the number: its own, or that of what it is in. */
function shown({ placed, feeds }: Item, batch: number): string {
  const typed = [...feeds].flatMap(([name, feed]) =>
    feed.is === "value" && feed.value === batch ? [{ name, feed }] : [],
  );
  const found = typed.find(({ name }) => counting.includes(name)) ?? (typed.length === 1 ? typed[0] : undefined);
  return found ? `${found.feed.port} of ${named(found.feed.at)}` : named(placed);
}
