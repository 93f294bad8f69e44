/** Where a loop climbs and nothing in it makes x noisier: its network is then told of noise that is not there. A note, it may be meant. */
import { GraphError } from "../nodes/index.ts";
import type { Foretold } from "./foretold.ts";
import { type Item, isIn, isLoopItem, type LoopItem } from "./item.ts";
import type { Ledger } from "./ledger.ts";
import { type TypedOrder, typedOrder, wayOf } from "./walk.ts";

/** Notes on loops among the items that are part of the plan, from what was found of them. */
export function unmetClimbs(items: readonly Item[], foretold: Foretold, ledger: Ledger): GraphError[] {
  return items.filter(isLoopItem).flatMap((loop) => {
    if (!ledger.entry(loop)?.sound) return [];
    const climb = climbOf(foretold.value(loop.feeds.get("order")));
    const inside = items.filter((item) => isIn(item, loop));
    return climb && inside.some(asksNetwork) && !inside.some(climbs) ? [climbNote(loop, climb)] : [];
  });
}

const asksNetwork = ({ placed }: Item): boolean => placed.inputs.get("model")?.kind === "model";

const climbs = ({ placed: { entry } }: Item): boolean =>
  entry !== undefined && "climbs" in entry && entry.climbs === true;

/** The first step that is as noisy as the one before it, or noisier, in the words of its order; x₀ has no noise at all. */
function climbOf(order: unknown): string | undefined {
  if (typeof order !== "string") return undefined;
  const way = wayOf(order);
  if (way) return way === "up" ? "it goes up" : undefined;
  const numbered = numbersOf(order);
  if (!numbered) return undefined;
  const { measure, numbers } = numbered;
  const sign = measure === "lambda" ? -1 : 1;
  const noise = numbers.map((number) => (number === "x0" ? Number.NEGATIVE_INFINITY : sign * number));
  const at = noise.findIndex((level, i) => i > 0 && level >= noise[i - 1]);
  return at < 0 ? undefined : `from ${numbers[at - 1]} to ${numbers[at]}`;
}

/** What a wire gives is not judged before the run: that says what cannot be read. */
function numbersOf(order: string): TypedOrder | undefined {
  try {
    return typedOrder(order);
  } catch {
    return undefined;
  }
}

const climbNote = ({ placed: { path } }: LoopItem, climb: string): GraphError =>
  new GraphError(
    `Where its order climbs (${climb}) x stays as it came, less noisy than the network is told: if that is not meant, let a Renoise make it noisier`,
    "order",
    path,
  );
