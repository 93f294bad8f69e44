/**
 * Makes a layout easier to read by small moves, each kept when it helps; then shakes it a little and tries again. What is
 * shaken is drawn from a generator of its own: the same graph always comes to lie the same way.
 */
import type { GraphLink } from "../../graphs/document/index.ts";
import { type Extent, type Layout, tangleOf } from "./tangle.ts";

type Links = readonly GraphLink[];
type Extents = ReadonlyMap<number, Extent>;

/** Tries, times wires, times cards: at most some tenths of a second. A graph of hundreds of nodes stays as it is. */
const budget = 4_000_000;
const shakes = 12;
const strides = [160, 64, 24, 8, -8, -24, -64, -160];

/** The best that becomes of any of the starts. */
export function untangled(starts: readonly Layout[], links: Links, extents: Extents): Layout {
  let tries = Math.floor(budget / (1 + links.length * extents.size));
  const tangle = tangleOf(links, extents);
  const price = (layout: Layout) => {
    tries--;
    return tangle(layout);
  };
  const random = generator(1);
  const ids = [...extents.keys()];
  const goesOn = () => tries > 0;
  let [best] = starts.map((start) => settled(start, links, price, goesOn)).sort((a, b) => a.cost - b.cost);
  for (let i = 0; i < shakes && tries > 0; i++) {
    let shaken = best.layout;
    for (let k = 0; k < 4; k++) {
      const all = [...moves(shaken, pick(ids, random), links)];
      shaken = all.length > 0 ? pick(all, random) : shaken;
    }
    const next = settled(shaken, links, price, goesOn);
    if (next.cost < best.cost) best = next;
  }
  return best.layout;
}

interface Settled {
  readonly layout: Layout;
  readonly cost: number;
}

/** Takes every move that helps, card by card, until a whole round brings nothing. */
function settled(start: Layout, links: Links, price: (layout: Layout) => number, goesOn: () => boolean): Settled {
  let [layout, cost] = [start, price(start)];
  const ids = start.columns.flat();
  for (let since = 0, i = 0; since < ids.length; since++, i = (i + 1) % ids.length)
    for (const candidate of moves(layout, ids[i], links)) {
      if (!goesOn()) return { layout, cost };
      const next = price(candidate);
      if (next < cost - 1) [layout, cost, since] = [candidate, next, -1];
    }
  return { layout, cost };
}

/** Every small change of where a card lies in which no wire runs back into an earlier column. */
function* moves({ columns, lead }: Layout, id: number, links: Links): Generator<Layout> {
  const columnOf = (id: number) => columns.findIndex((ids) => ids.includes(id));
  const at = columnOf(id);
  const ids = columns[at];
  const room = lead.get(id) ?? 0;
  const below = ids[ids.indexOf(id) + 1];
  for (const stride of strides) {
    if (room + stride < 0) continue;
    yield { columns, lead: new Map(lead).set(id, room + stride) };
    const left = (lead.get(below) ?? 0) - stride;
    if (below !== undefined && left >= 0)
      yield { columns, lead: new Map(lead).set(id, room + stride).set(below, left) };
  }
  const first = Math.max(0, ...links.filter(({ to }) => to === id).map(({ from }) => columnOf(from)));
  const readers = links.filter(({ from }) => from === id).map(({ to }) => columnOf(to));
  const last = Math.min(columns.length - 1, ...readers);
  for (let goal = first; goal <= last; goal++) {
    if (goal !== at && ids.length === 1) continue;
    const rest = columns[goal].filter((other) => other !== id);
    for (let k = 0; k <= rest.length; k++)
      yield {
        columns: columns.map((column, c) =>
          c === goal ? [...rest.slice(0, k), id, ...rest.slice(k)] : column.filter((other) => other !== id),
        ),
        lead: new Map(lead).set(id, 0),
      };
  }
}

const pick = <T>(from: readonly T[], random: () => number): T => from[Math.floor(random() * from.length)];

/** Numbers from 0 to 1, always the same. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
