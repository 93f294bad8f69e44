/**
 * What will run: definition nodes and loops, wherever subgraphs hid them, each with what feeds it. Nodes inside a loop
 * belong to its body; the outermost ones to no loop.
 */
import { graphSlot, own } from "../graphs/document/index.ts";
import type { Structure } from "../nodes/index.ts";
import { drawnItem } from "./differentiate.ts";
import { type Feed, feedOf } from "./feed.ts";
import type { Found, Item, LoopItem } from "./item.ts";
import {
  isDifferentiate,
  isGraphInput,
  isGraphOutput,
  isLoop,
  isNote,
  isReroute,
  isSubgraph,
  type Placed,
  type Scope,
} from "./scope.ts";

/** The items of a scope and of the subgraphs in it, in document order; `found` gets those within loops too. */
export function itemsOf(scope: Scope, within: LoopItem | undefined, found: Found): Item[] {
  return [...scope.nodes.values()].flatMap((placed): Item[] => {
    if (!placed.alive || !placed.entry || isGraphInput(placed) || isGraphOutput(placed) || isNote(placed)) return [];
    if (isSubgraph(placed) || isReroute(placed)) {
      found.dissolved.push(placed);
      return placed.inner ? itemsOf(placed.inner, within, found) : [];
    }
    if (isDifferentiate(placed)) found.dissolved.push(placed);
    if (isDifferentiate(placed))
      return placed.inner ? drawnItem(placed, itemsOf(placed.inner, within, found), within, found) : [];
    const item = isLoop(placed) ? loopItem(placed, within, found) : nodeItem(placed, within);
    found.items.set(placed, item);
    return [item];
  });
}

const nodeItem = (placed: Placed, within: LoopItem | undefined): Item => ({
  placed,
  within,
  feeds: feedsOf(placed, [...placed.inputs.keys()]),
});

const feedsOf = (placed: Placed, ports: readonly string[]): Map<string, Feed> =>
  new Map(ports.map((port) => [port, feedOf(placed, port)]));

function loopItem(placed: Placed, within: LoopItem | undefined, found: Found): LoopItem {
  const { gives, inputs } = placed.entry as Structure;
  const inner = placed.inner as Scope;
  const carried = new Map<string, { first: Feed; next: Feed }>();
  const last = new Map<string, Feed>();
  for (const [name, output] of inner.outputs) {
    const next = feedOf(output, graphSlot);
    if (inner.inputs.has(name) && own(gives, name) === undefined)
      carried.set(name, { first: feedOf(placed, name), next });
    else last.set(name, next);
  }
  const loop = { placed, within, feeds: feedsOf(placed, Object.keys(inputs)), carried, last, body: [] as Item[] };
  loop.body.push(...itemsOf(inner, loop, found));
  return loop;
}
